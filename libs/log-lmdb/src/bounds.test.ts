import type { AppendOptions, EventLog } from '@downlink/hub'
import { expect, onTestFinished, test, vi } from 'vitest'
import { temporaryDirectory } from '../test/directory.ts'
import { createLmdbLog, type LmdbLogOptions } from './lmdb-log.ts'

const LIMIT = { maxEvents: 100_000, maxBytes: 2 ** 30 }

async function setUp(options: Omit<LmdbLogOptions, 'path'> = {}) {
  const path = temporaryDirectory()
  const log = await createLmdbLog({ path, ...options })
  onTestFinished(() => log.close())
  return { log, path }
}

async function append(log: EventLog, topic: string, data = '', options: AppendOptions = {}) {
  return (await log.append({ topic, event: 'message', data }, options)).id
}

test('rejects limits below 0 by name', async () => {
  const path = temporaryDirectory()
  for (const option of ['maxEvents', 'maxBytes', 'maxAgeMs', 'maxPendingBytes'])
    for (const value of [-1, Number.NaN])
      await expect(createLmdbLog({ path, [option]: value })).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringContaining(option) as string,
      })
})

test('a burst that is larger than the limits is trimmed before it is read', async () => {
  const { log } = await setUp({ maxEvents: 100 })
  const burst = Array.from({ length: 5_000 }, (_, i) => append(log, i % 2 ? 'a' : 'b', `${i}`))
  await Promise.all(burst)
  const page = await log.readAfter('start', ['a', 'b'], LIMIT)
  expect(page.ok && page.entries.map(({ data }) => Number(data))).toEqual(
    Array.from({ length: 100 }, (_, i) => 4_900 + i),
  )
})

test('a forgotten topic is a gap for ids from before, and for no others', async () => {
  const { log } = await setUp({ maxEvents: 1, maxSilentTopics: 1 })
  const ids = []
  for (const topic of ['a', 'b', 'c', 'd']) ids.push(await append(log, topic, topic))
  const [a, b] = ids
  if (!a || !b) throw new Error('Nothing was stored.')
  expect(await log.readAfter(a, ['a'], LIMIT)).toMatchObject({ gaps: new Map([['a', 'trimmed']]) })
  expect(await log.readAfter(b, ['a'], LIMIT)).toMatchObject({ gaps: new Map() })
  expect((await log.latest(['a', 'b', 'c', 'd'])).map(({ data }) => data)).toEqual(['c', 'd'])
})

test('the oldest idempotency keys are forgotten over their limit', async () => {
  const { log } = await setUp({ maxIdempotencyKeys: 2 })
  const [first, second] = [
    await append(log, 'a', '', { idempotencyKey: '1' }),
    await append(log, 'a', '', { idempotencyKey: '2' }),
  ]
  await append(log, 'a', '', { idempotencyKey: '3' })
  expect(await append(log, 'a', '', { idempotencyKey: '2' })).toEqual(second)
  expect(await append(log, 'a', '', { idempotencyKey: '1' })).not.toEqual(first)
})

test('rejects appends over the bytes that may wait, and stores those before', async () => {
  const { log } = await setUp({ maxPendingBytes: 10_000 })
  const appends = Array.from({ length: 20 }, () => append(log, 'a', 'x'.repeat(1_000)))
  const results = await Promise.allSettled(appends)
  const rejected = results.flatMap((result) => (result.status === 'rejected' ? [result] : []))
  expect(rejected).toHaveLength(11)
  for (const { reason } of rejected) expect(reason).toMatchObject({ code: 'unavailable' })
  await append(log, 'a')
})

test('a follower that throws affects neither the append nor other followers', async () => {
  const { log } = await setUp()
  const reported: (() => void)[] = []
  const report = vi
    .spyOn(globalThis, 'queueMicrotask')
    .mockImplementation((callback) => void reported.push(callback))
  onTestFinished(() => report.mockRestore())
  const heard: string[] = []
  log.follow({
    onPosition: () => undefined,
    onEntries: () => {
      throw new Error('follower')
    },
  })
  log.follow({
    onPosition: () => undefined,
    onEntries: (entries) => void heard.push(...entries.map(({ data }) => data)),
  })
  await append(log, 'a', '1')
  expect(heard).toEqual(['1'])
  expect(reported).toHaveLength(1)
  expect(() => reported[0]?.()).toThrow('follower')
})

test('entries are dated in milliseconds since 1970, and never before those of an earlier run', async () => {
  const path = temporaryDirectory()
  const run = async (wallMs: number) => {
    let monotonicMs = 5_000
    const system = { monotonic: () => monotonicMs, wall: () => wallMs }
    const log = await createLmdbLog({ path, system, maxAgeMs: 60_000 })
    monotonicMs += 100
    await append(log, 'a')
    const page = await log.readAfter('start', ['a'], LIMIT)
    await log.close()
    return page.ok ? page.entries.map(({ atMs }) => atMs) : []
  }
  const noon = Date.UTC(2026, 0, 1, 12)
  const hour = 3_600_000
  expect(await run(noon)).toEqual([noon + 100])
  // An hour back, then a day forward: neither deletes an event.
  expect(await run(noon - hour)).toEqual([noon + 100, noon + 200])
  expect(await run(noon + 24 * hour)).toEqual([noon + 100, noon + 200, noon + 24 * hour + 100])
})
