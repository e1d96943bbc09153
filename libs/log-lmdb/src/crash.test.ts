import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { EventLog } from '@downlink/hub'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryDirectory } from '../test/directory.ts'
import { startWriter } from '../test/start-writer.ts'
import { createLmdbLog, type LmdbLogOptions } from './lmdb-log.ts'

const LIMIT = { maxEvents: 100_000, maxBytes: 2 ** 30 }
const TOPICS = ['t0', 't1', 't2']

async function open(path: string, options: Omit<LmdbLogOptions, 'path'> = {}): Promise<EventLog> {
  const log = await createLmdbLog({ path, ...options })
  onTestFinished(() => log.close())
  return log
}

async function append(log: EventLog, topic: string, data: string) {
  return (await log.append({ topic, event: 'message', data })).id
}

describe('a process that is killed', { timeout: 60_000 }, () => {
  test.each(['always', 'interval'] as const)(
    'loses nothing that was stored, and the next one opens the directory (%s)',
    async (durability) => {
      const path = temporaryDirectory()
      const writer = startWriter(path, durability)
      onTestFinished(() => writer.kill())
      await writer.until(200)
      await expect(createLmdbLog({ path })).rejects.toMatchObject({ code: 'unavailable' })
      await writer.kill()
      const log = await open(path, { durability })
      const page = await log.readAfter('start', TOPICS, LIMIT)
      if (!page.ok) throw new Error(page.reason)
      const stored = new Set(page.entries.map(({ seq }) => seq))
      expect(writer.seqs.filter((seq) => !stored.has(seq))).toEqual([])
      expect(page.gaps.size).toBe(0)
      const next = await append(log, 't0', 'next')
      expect(next.seq).toBeGreaterThan(Math.max(...stored))
    },
  )

  test('leaves leases free, and its tokens are below those that follow', async () => {
    const path = temporaryDirectory()
    const first = await createLmdbLog({ path })
    const before = await first.lease('source', 60_000)
    await first.close()
    const log = await open(path)
    const after = await log.lease('source', 60_000)
    expect(after?.token).toBeGreaterThan(before?.token ?? Infinity)
  })
})

describe('a crash of the operating system', () => {
  /** The log as a crash leaves it: what was on disk after the first event. The second is lost. */
  async function crash(durability: 'always' | 'interval') {
    const path = temporaryDirectory()
    const log = await open(path, { durability, system: { bootId: () => 'before' } })
    const kept = await append(log, 'a', 'kept')
    const crashed = join(path, 'crashed')
    mkdirSync(crashed)
    copyFileSync(join(path, 'data.mdb'), join(crashed, 'data.mdb'))
    return { crashed, kept, lost: await append(log, 'a', 'lost') }
  }

  test('is a gap for ids from before, and no id is used again', async () => {
    const { crashed, kept, lost } = await crash('interval')
    const log = await open(crashed, { system: { bootId: () => 'after' } })
    const next = await append(log, 'a', 'next')
    expect(next.epoch).toBe(kept.epoch)
    expect(next.seq).toBeGreaterThan(lost.seq)
    for (const id of [kept, lost]) {
      const page = await log.readAfter(id, ['a', 'new'], LIMIT)
      expect(page).toMatchObject({ ok: true, entries: [] })
      expect(page.ok && [...page.gaps]).toEqual([
        ['a', 'lost'],
        ['new', 'lost'],
      ])
    }
    const start = await log.readAfter('start', ['a', 'new'], LIMIT)
    expect(start.ok && [...start.gaps]).toEqual([['a', 'lost']])
    expect(start.ok && start.entries.map(({ data }) => data)).toEqual(['kept', 'next'])
    const after = await log.readAfter(next, ['a'], LIMIT)
    expect(after).toMatchObject({ ok: true, entries: [], gaps: new Map() })
  })

  test('is remembered over further restarts', async () => {
    const { crashed, kept } = await crash('interval')
    for (let i = 0; i < 2; i++) {
      const log = await createLmdbLog({ path: crashed, system: { bootId: () => 'after' } })
      const page = await log.readAfter(kept, ['a'], LIMIT)
      expect(page.ok && [...page.gaps]).toEqual([['a', 'lost']])
      await log.close()
    }
  })

  test('loses nothing with durability `always`', async () => {
    const { crashed, kept } = await crash('always')
    const log = await open(crashed, { durability: 'always', system: { bootId: () => 'after' } })
    const page = await log.readAfter(kept, ['a'], LIMIT)
    expect(page).toMatchObject({ ok: true, entries: [], gaps: new Map() })
  })

  test('loses nothing of a log that was closed', async () => {
    const path = temporaryDirectory()
    const first = await createLmdbLog({ path, system: { bootId: () => 'before' } })
    const id = await append(first, 'a', 'kept')
    await first.close()
    const log = await open(path, { system: { bootId: () => 'after' } })
    expect(await log.readAfter(id, ['a'], LIMIT)).toMatchObject({ gaps: new Map() })
    expect((await append(log, 'a', 'next')).seq).toBe(id.seq + 1)
  })

  test('is assumed where the system cannot tell', async () => {
    const path = temporaryDirectory()
    const first = await open(path, { system: { bootId: () => undefined } })
    const id = await append(first, 'a', 'kept')
    const crashed = join(path, 'crashed')
    mkdirSync(crashed)
    copyFileSync(join(path, 'data.mdb'), join(crashed, 'data.mdb'))
    const log = await open(crashed, { system: { bootId: () => undefined } })
    const page = await log.readAfter(id, ['a'], LIMIT)
    expect(page.ok && [...page.gaps]).toEqual([['a', 'lost']])
  })
})
