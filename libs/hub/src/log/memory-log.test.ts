import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { eventLogTests } from '../testing/event-log-tests.ts'
import { append, appendAll, NO_LIMIT, read } from '../testing/log-fixture.ts'
import { createMemoryLog, type MemoryLogOptions } from './memory-log.ts'

function setUp(options: MemoryLogOptions = {}) {
  let nowMs = 0
  return {
    log: createMemoryLog({ epoch: 'e', ...options, now: () => nowMs }),
    pass: (ms: number) => void (nowMs += ms),
  }
}

eventLogTests({ test, expect }, (limits) => setUp(limits), { durable: false, shared: false })

test('ids have consecutive numbers and a random epoch', async () => {
  const { log } = setUp()
  expect(await append(log, 'a')).toEqual({ epoch: 'e', seq: 1 })
  expect(await append(log, 'b')).toEqual({ epoch: 'e', seq: 2 })
  const [first, second] = await Promise.all(
    [createMemoryLog(), createMemoryLog()].map((random) => append(random, 'a')),
  )
  expect(first?.epoch).not.toBe(second?.epoch)
})

test('stores an event and tells followers before append returns', async () => {
  const { log } = setUp()
  const heard: number[] = []
  log.follow({
    onPosition: () => undefined,
    onEntries: (entries) => void heard.push(...entries.map(({ seq }) => seq)),
  })
  const appending = append(log, 'a')
  expect(heard).toEqual([1])
  await appending
})

test('rejects limits below 0 and invalid epochs', () => {
  const limits = ['maxEvents', 'maxBytes', 'maxAgeMs', 'maxEventBytes', 'maxSilentTopics']
  for (const option of [...limits, 'idempotencyMs', 'maxIdempotencyKeys'])
    for (const actual of [-1, Number.NaN])
      expect(() => createMemoryLog({ [option]: actual })).toThrow(
        expect.objectContaining({ code: 'invalid-option', option, limit: 0 }),
      )
  expect(() => createMemoryLog({ epoch: 'a b' })).toThrow(/epoch "a b"/)
})

test('a jump of the system clock changes neither the age nor the order of events', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const log = createMemoryLog({ epoch: 'e' })
  const names = ['first', 'after-3-h-forward', 'after-6-h-backward']
  for (const [i, event] of names.entries()) {
    vi.setSystemTime(Date.UTC(2026, 0, 1, [12, 15, 9][i]))
    await append(log, 'a', '', { event })
  }
  const page = await read(log, 'start', ['a'])
  expect(page.gaps).toEqual({})
  for (const entries of [page.entries, await log.latest(['a'])]) {
    expect(entries.map(({ event }) => event)).toEqual(names)
    for (const { atMs } of entries) {
      expect(log.now() - atMs).toBeGreaterThanOrEqual(0)
      expect(log.now() - atMs).toBeLessThan(600_000)
    }
  }
})

describe('limited memory', () => {
  test('a forgotten topic is a gap only for ids from before it was forgotten', async () => {
    const { log } = setUp({ maxEvents: 1, maxSilentTopics: 1 })
    for (const topic of ['a', 'b', 'c', 'd']) await append(log, topic)
    expect((await read(log, { epoch: 'e', seq: 1 }, ['a'])).gaps).toEqual({ a: 'trimmed' })
    expect((await read(log, { epoch: 'e', seq: 2 }, ['a'])).gaps).toEqual({})
  })

  test('the oldest idempotency keys are deleted above the limit', async () => {
    const { log } = setUp({ maxIdempotencyKeys: 2 })
    const [first, second] = [
      await append(log, 'a', '', { idempotencyKey: '1' }),
      await append(log, 'a', '', { idempotencyKey: '2' }),
    ]
    await append(log, 'a', '', { idempotencyKey: '3' })
    expect(await append(log, 'a', '', { idempotencyKey: '2' })).toEqual(second)
    expect(await append(log, 'a', '', { idempotencyKey: '1' })).not.toEqual(first)
  })

  test('entries that a topic trimmed by its own limits are released behind an older entry', async () => {
    const { log } = setUp()
    await append(log, 'a', 'kept')
    const data = 'x'.repeat(1_000)
    const refs: WeakRef<object>[] = []
    log.follow({
      onPosition: () => undefined,
      onEntries: (entries) => void refs.push(...entries.map((entry) => new WeakRef(entry))),
    })
    for (let i = 0; i < 10_000; i++) await append(log, 'b', data, { history: { maxEvents: 10 } })
    await appendAll(log, 'a', ['last'])
    await collectGarbage()
    const alive = refs.filter((ref) => ref.deref() !== undefined).length
    expect(alive).toBeLessThan(2_000)
    expect((await read(log, 'start', ['a', 'b'], NO_LIMIT)).entries).toHaveLength(12)
  })
})

/** Runs in a later job, because dereferencing a WeakRef keeps its target alive until the end of the job. */
async function collectGarbage(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8')
  const { runInNewContext } = await import('node:vm')
  setFlagsFromString('--expose-gc')
  await new Promise((resolve) => setImmediate(resolve))
  ;(runInNewContext('gc') as () => void)()
}
