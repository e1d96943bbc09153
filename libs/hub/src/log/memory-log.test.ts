import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { LogEntry, LogPage } from './event-log.ts'
import { createMemoryLog, type MemoryLogOptions } from './memory-log.ts'

const ALL = 1_000

function setUp(options: MemoryLogOptions = {}) {
  let nowMs = 0
  const log = createMemoryLog({ epoch: 'e', now: () => nowMs, ...options })
  return {
    log,
    append: (topic: string, data = '') => log.append({ topic, event: 'message', data }),
    after: (seq: number, ...topics: string[]) => log.readAfter({ epoch: 'e', seq }, topics, ALL),
    pass: (ms: number) => void (nowMs += ms),
  }
}

function seqs(page: LogPage): number[] | string {
  return page.ok ? page.entries.map(({ seq }) => seq) : page.reason
}

describe('ids', () => {
  test('count up densely over all topics', async () => {
    const { append } = setUp()
    expect(await append('a')).toEqual({ epoch: 'e', seq: 1 })
    expect(await append('b')).toEqual({ epoch: 'e', seq: 2 })
  })

  test('of another log, of the future, and of what was trimmed are gaps', async () => {
    const { log, append, after } = setUp({ maxEvents: 2 })
    for (let i = 0; i < 4; i++) await append('a')
    expect(seqs(await log.readAfter({ epoch: 'other', seq: 3 }, ['a'], ALL))).toBe('unknown-epoch')
    expect(seqs(await after(5, 'a'))).toBe('future')
    expect(seqs(await after(1, 'a'))).toBe('trimmed')
    expect(seqs(await after(2, 'a'))).toEqual([3, 4])
    expect(seqs(await after(4, 'a'))).toEqual([])
  })

  test('differ between two logs', async () => {
    const ids = [createMemoryLog(), createMemoryLog()].map((log) =>
      log.append({ topic: 'a', event: 'message', data: '' }),
    )
    const [first, second] = await Promise.all(ids)
    expect(first?.epoch).not.toBe(second?.epoch)
  })
})

describe('what is kept', () => {
  test('neither ages nor changes its order when the system clock jumps', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const log = createMemoryLog({ epoch: 'e' })
    const names = ['first', 'after 3 h forward', 'after 6 h backward']
    for (const [i, event] of names.entries()) {
      vi.setSystemTime(Date.UTC(2026, 0, 1, [12, 15, 9][i]))
      await log.append({ topic: 'a', event, data: '' })
    }
    const page = await log.readAfter('start', ['a'], ALL)
    expect(page).toMatchObject({ ok: true, trimmed: false })
    for (const entries of [page.ok ? page.entries : [], await log.latest(['a'])]) {
      expect(entries.map(({ event }) => event)).toEqual(names)
      for (const { atMs } of entries) {
        expect(log.now() - atMs).toBeGreaterThanOrEqual(0)
        expect(log.now() - atMs).toBeLessThan(600_000)
      }
    }
  })

  test('includes a topic that was silent and has published again', async () => {
    const { append, after } = setUp({ maxEvents: 1, maxSilentTopics: 1 })
    for (const topic of ['a', 'b', 'a']) await append(topic)
    expect(seqs(await after(2, 'a'))).toEqual([3])
  })

  test('is bounded by numbers from 0, and named by an epoch that ids can be made of', () => {
    for (const option of ['maxEvents', 'maxBytes', 'maxAgeMs', 'maxSilentTopics'])
      for (const actual of [-1, Number.NaN])
        expect(() => createMemoryLog({ [option]: actual })).toThrow(
          expect.objectContaining({ code: 'invalid-option', option, limit: 0 }),
        )
    expect(() => createMemoryLog({ epoch: 'a b' })).toThrow(/epoch "a b"/)
  })

  test('is bounded by count, by bytes and by age, the oldest going first', async () => {
    const count = setUp({ maxEvents: 3 })
    for (let i = 0; i < 5; i++) await count.append('a')
    expect(seqs(await count.log.readAfter('start', ['a'], ALL))).toEqual([3, 4, 5])

    const bytes = setUp({ maxBytes: 2 * ('a'.length + 'message'.length + 10) })
    for (let i = 0; i < 5; i++) await bytes.append('a', 'é'.repeat(5))
    expect(seqs(await bytes.log.readAfter('start', ['a'], ALL))).toEqual([4, 5])

    const age = setUp({ maxAgeMs: 100 })
    await age.append('a')
    age.pass(60)
    await age.append('a')
    age.pass(60)
    expect(seqs(await age.log.readAfter('start', ['a'], ALL))).toEqual([2])
  })

  test('a quiet topic resumes from an id older than everything kept, as it lost nothing', async () => {
    const { append, after } = setUp({ maxEvents: 2 })
    await append('quiet')
    for (let i = 0; i < 9; i++) await append('busy')
    expect(seqs(await after(1, 'quiet'))).toEqual([])
    expect(seqs(await after(0, 'quiet'))).toBe('trimmed')
    expect(seqs(await after(1, 'quiet', 'busy'))).toBe('trimmed')
  })

  test('a forgotten topic is a gap for ids from before, and for no others', async () => {
    const { append, after } = setUp({ maxEvents: 1, maxSilentTopics: 1 })
    for (const topic of ['a', 'b', 'c', 'd']) await append(topic)
    expect(seqs(await after(1, 'a'))).toBe('trimmed')
    expect(seqs(await after(2, 'a'))).toEqual([])
  })

  test('the start of a topic says whether something before it was trimmed', async () => {
    const { log, append } = setUp({ maxEvents: 2 })
    await append('a')
    expect(await log.readAfter('start', ['a'], ALL)).toMatchObject({ trimmed: false })
    await append('a')
    await append('a')
    expect(await log.readAfter('start', ['a'], ALL)).toMatchObject({ trimmed: true })
  })

  test('the latest value of each event name outlives the entries themselves', async () => {
    const { log, append } = setUp({ maxEvents: 1 })
    await append('a', 'old')
    await append('a', 'new')
    await append('b', 'other')
    expect((await log.latest(['a'])).map(({ data }) => data)).toEqual(['new'])
    expect(await log.latest(['nothing'])).toEqual([])
  })
})

describe('reading', () => {
  test('several topics gives them in order, in pages that leave nothing out', async () => {
    const { log, append } = setUp()
    for (let i = 0; i < 20; i++) await append(i % 3 === 0 ? 'a' : i % 3 === 1 ? 'b' : 'c')
    const found: number[] = []
    for (let after = 0; after < 20;) {
      const page = await log.readAfter({ epoch: 'e', seq: after }, ['a', 'c'], 4)
      if (!page.ok) throw new Error(page.reason)
      expect(page.entries.length).toBeLessThanOrEqual(4)
      found.push(...page.entries.map(({ seq }) => seq))
      after = page.through
    }
    expect(found).toEqual([1, 3, 4, 6, 7, 9, 10, 12, 13, 15, 16, 18, 19])
  })

  test('a follower is told the position first, then every entry until it stops', async () => {
    const { log, append } = setUp()
    await append('a')
    const heard: unknown[] = []
    const stop = log.follow({
      onPosition: (position) => void heard.push(position),
      onEntries: (entries: readonly LogEntry[]) =>
        void heard.push(...entries.map(({ seq }) => seq)),
    })
    await append('b')
    stop()
    await append('b')
    expect(heard).toEqual([{ epoch: 'e', seq: 1 }, 2])
  })
})
