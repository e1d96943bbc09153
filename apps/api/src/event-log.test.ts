import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startApi } from '../test/api.ts'
import { startServer } from './server.ts'

function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'downlink-api-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** What `downlink.hello` of a new connection says. */
async function hello(api: Awaited<ReturnType<typeof startApi>>, lastEventId?: string) {
  const reader = await api.open(
    '/events?topic=time',
    lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId },
  )
  const events = await reader.until(2)
  reader.close()
  return {
    ...(JSON.parse(events[0]?.data ?? '') as { outcome: string; reason?: string }),
    lastEventId: events.at(-1)?.id,
  }
}

describe('EVENT_LOG=lmdb:<directory>', () => {
  test('clients resume after a restart of the server', async () => {
    const EVENT_LOG = `lmdb:${join(temporaryDirectory(), 'data')}`
    const first = await startApi({ EVENT_LOG })
    const { outcome, lastEventId } = await hello(first)
    expect(outcome).toBe('fresh')
    await first.server.close(0)
    const second = await startApi({ EVENT_LOG })
    expect(await hello(second, lastEventId)).toMatchObject({ outcome: 'resumed' })
  })

  test('a restart on demand keeps the history', async () => {
    const EVENT_LOG = `lmdb:${temporaryDirectory()}`
    const api = await startApi({ EVENT_LOG, DEMO_FAULTS: '1', DRAIN_MS: '0' })
    const { lastEventId } = await hello(api)
    const before = api.server.services
    await api.send('/demo-faults/restart', { method: 'POST' })
    await expect.poll(() => api.server.services).not.toBe(before)
    expect(await hello(api, lastEventId)).toMatchObject({ outcome: 'resumed' })
  })

  test('a directory that is in use, or not a log, fails with one line', async () => {
    const path = temporaryDirectory()
    await startApi({ EVENT_LOG: `lmdb:${path}` })
    const other = temporaryDirectory()
    writeFileSync(join(other, 'data.mdb'), 'x')
    for (const [directory, why] of [
      [path, 'is already open'],
      [other, 'is not an LMDB file'],
    ] as const)
      await expect(
        startServer({ PORT: '0', LOG_LEVEL: 'silent', EVENT_LOG: `lmdb:${directory}` }),
      ).rejects.toMatchObject({
        code: 'cannot-open',
        setting: 'EVENT_LOG',
        message: expect.stringMatching(`^The event log cannot be opened: [^\\n]+${why}`) as string,
      })
  })
})

test('EVENT_LOG=memory: a restart of the server is a gap', async () => {
  const { lastEventId } = await hello(await startApi())
  expect(await hello(await startApi(), lastEventId)).toMatchObject({
    outcome: 'gap',
    reason: 'unknown-epoch',
  })
})
