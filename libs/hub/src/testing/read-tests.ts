/** Reading: positions, pages, topic filters, latest values. */
import { append, appendAll, read, record, type CreateLog } from './log-fixture.ts'
import type { TestRunner } from './test-runner.ts'

const LETTERS = Array.from('abcdefghij')

export function readTests({ test, expect }: TestRunner, createLog: CreateLog): void {
  test('reads only the requested topics, each once', async () => {
    const { log } = await createLog({})
    for (const topic of ['a', 'b', 'ab', 'a/b', 'c']) await append(log, topic, topic)
    expect((await read(log, 'start', ['a', 'c'])).data).toEqual(['a', 'c'])
    expect((await read(log, 'start', ['a', 'a'])).data).toEqual(['a'])
    expect((await read(log, 'start', ['nothing'])).data).toEqual([])
    expect((await read(log, 'start', [])).data).toEqual([])
  })

  test('reads after the position of an event of any topic', async () => {
    const { log } = await createLog({})
    const [, second] = await appendAll(log, 'a', ['1', '2'])
    const other = await append(log, 'b', '3')
    await appendAll(log, 'a', ['4', '5'])
    expect((await read(log, second, ['a'])).data).toEqual(['4', '5'])
    expect((await read(log, second, ['a', 'b'])).data).toEqual(['3', '4', '5'])
    expect((await read(log, other, ['a'])).data).toEqual(['4', '5'])
  })

  test('small pages contain every event', async () => {
    const { log } = await createLog({})
    for (const [i, letter] of LETTERS.entries()) await append(log, i % 3 ? 'a' : 'b', letter)
    await append(log, 'c', 'not asked for')
    const found: string[] = []
    let page = await read(log, 'start', ['a', 'b'], { maxEvents: 3, maxBytes: 1_000 })
    const { epoch } = record(log).positions[0] ?? { epoch: '' }
    while (page.data.length > 0) {
      expect(page.data.length).toBeLessThanOrEqual(3)
      found.push(...page.data)
      const next = { epoch, seq: page.through }
      page = await read(log, next, ['a', 'b'], { maxEvents: 3, maxBytes: 1_000 })
    }
    expect(found).toEqual(LETTERS)
  })

  test('pages are limited by bytes, but contain at least one event', async () => {
    const { log } = await createLog({})
    const { epoch } = await append(log, 'a', '1'.repeat(1_000))
    for (const digit of '234') await append(log, 'a', digit.repeat(100))
    const limit = { maxEvents: 10, maxBytes: 250 }
    const first = await read(log, 'start', ['a'], limit)
    expect(first.data).toEqual(['1'.repeat(1_000)])
    const second = await read(log, { epoch, seq: first.through }, ['a'], limit)
    expect(second.data).toEqual(['2'.repeat(100), '3'.repeat(100)])
    const third = await read(log, { epoch, seq: second.through }, ['a'], limit)
    expect(third.data).toEqual(['4'.repeat(100)])
  })

  test('the last page continues at the newest seq that followers were told, or later', async () => {
    const { log } = await createLog({})
    const follower = record(log)
    await append(log, 'a')
    await append(log, 'quiet')
    const last = await append(log, 'b')
    await follower.until(3)
    expect((await read(log, 'start', ['quiet'])).through).toBeGreaterThanOrEqual(last.seq)
    const page = await read(log, last, ['a', 'quiet'])
    expect(page).toMatchObject({ data: [], gaps: {} })
    expect(page.through).toBeGreaterThanOrEqual(last.seq)
    follower.stop()
  })

  test('readers receive each event once and in order while writers append', async () => {
    const { log } = await createLog({})
    const { epoch } = await append(log, 'a', 'first')
    const writing = Promise.all(
      ['a', 'b', 'c'].map((topic) =>
        appendAll(
          log,
          topic,
          Array.from({ length: 40 }, (_, i) => `${topic}${i}`),
        ),
      ),
    )
    const seqs: number[] = []
    let after = 0
    const readAll = async () => {
      let page = await read(log, { epoch, seq: after }, ['a', 'b', 'c'], { ...LIMIT })
      while (page.entries.length > 0) {
        seqs.push(...page.entries.map(({ seq }) => seq))
        after = page.through
        page = await read(log, { epoch, seq: after }, ['a', 'b', 'c'], { ...LIMIT })
      }
    }
    for (let i = 0; i < 20; i++) await readAll()
    const written = (await writing).flat().map(({ seq }) => seq)
    await readAll()
    expect(seqs.slice(1)).toEqual(written.sort((a, b) => a - b))
  })

  test('rejects positions of another epoch and of the future', async () => {
    const { log } = await createLog({})
    const { epoch, seq } = await append(log, 'a')
    const limit = { maxEvents: 10, maxBytes: 1_000 }
    expect(await log.readAfter({ epoch: `${epoch}x`, seq }, ['a'], limit)).toEqual({
      ok: false,
      reason: 'unknown-epoch',
    })
    expect(await log.readAfter({ epoch, seq: seq + 1_000_000_000 }, ['a'], limit)).toEqual({
      ok: false,
      reason: 'future',
    })
  })

  test('latest values are the newest entry of each event name, in order', async () => {
    const { log } = await createLog({})
    for (const [event, data] of [
      ['x', '1'],
      ['y', '2'],
      ['x', '3'],
    ] as const)
      await append(log, 'a', data, { event })
    await append(log, 'b', '4')
    await append(log, 'ab', 'not asked for')
    const values = await log.latest(['b', 'a'])
    expect(values.map(({ data }) => data)).toEqual(['2', '3', '4'])
    expect(values[1]).toMatchObject({ topic: 'a', event: 'x' })
    expect(await log.latest(['nothing'])).toEqual([])
  })
}

const LIMIT = { maxEvents: 7, maxBytes: 100_000 }
