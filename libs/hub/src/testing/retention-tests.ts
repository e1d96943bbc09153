/** Retention: the log's limits, a topic's own limits, and forgetting a topic. */
import { append, appendAll, codeOf, read, type CreateLog } from './log-fixture.ts'
import type { TestRunner } from './test-runner.ts'

export function retentionTests({ test, expect }: TestRunner, createLog: CreateLog): void {
  test('keeps at most `maxEvents` events, and reports trimmed events as a gap', async () => {
    const { log } = await createLog({ maxEvents: 3 })
    const ids = await appendAll(log, 'a', ['1', '2', '3', '4', '5'])
    expect(await read(log, 'start', ['a'])).toMatchObject({
      data: ['3', '4', '5'],
      gaps: { a: 'trimmed' },
    })
    expect(await read(log, ids[0], ['a'])).toMatchObject({ data: [], gaps: { a: 'trimmed' } })
    expect(await read(log, ids[1], ['a'])).toMatchObject({ data: ['3', '4', '5'], gaps: {} })
  })

  test('keeps at most `maxBytes` bytes', async () => {
    const size = 'a'.length + 'message'.length + 10
    const { log } = await createLog({ maxBytes: 2 * size })
    await appendAll(
      log,
      'a',
      ['1', '2', '3', '4'].map((digit) => `${digit}${'é'.repeat(4)}x`),
    )
    const { data } = await read(log, 'start', ['a'])
    expect(data.map((text) => text[0])).toEqual(['3', '4'])
  })

  test('returns no event older than `maxAgeMs`, also without a further append', async () => {
    const { log, pass } = await createLog({ maxAgeMs: 1_000 })
    const first = await append(log, 'a', '1')
    await pass(600)
    const second = await append(log, 'a', '2')
    await pass(600)
    expect(await read(log, 'start', ['a'])).toMatchObject({ data: ['2'], gaps: { a: 'trimmed' } })
    await pass(600)
    expect(await read(log, first, ['a'])).toMatchObject({ data: [], gaps: { a: 'trimmed' } })
    expect(await read(log, second, ['a'])).toMatchObject({ data: [], gaps: {} })
  })

  test('a quiet topic has no gap after an id that is older than everything kept', async () => {
    const { log } = await createLog({ maxEvents: 2 })
    const before = await append(log, 'busy', '0')
    const quiet = await append(log, 'quiet', 'q')
    await appendAll(log, 'busy', ['1', '2', '3', '4'])
    expect(await read(log, quiet, ['quiet'])).toMatchObject({ data: [], gaps: {} })
    expect((await read(log, before, ['quiet'])).gaps).toEqual({ quiet: 'trimmed' })
  })

  test('a trimmed topic does not affect the others', async () => {
    const { log } = await createLog({})
    const start = await append(log, 'a', '0')
    await append(log, 'a', '1', { history: { maxEvents: 1 } })
    await append(log, 'b', '2')
    await append(log, 'a', '3', { history: { maxEvents: 1 } })
    expect(await read(log, start, ['a', 'b'])).toMatchObject({
      data: ['2'],
      gaps: { a: 'trimmed' },
    })
    expect(await read(log, 'start', ['a', 'b'])).toMatchObject({
      data: ['2', '3'],
      gaps: { a: 'trimmed' },
    })
  })

  test('latest values are kept after their entries are trimmed', async () => {
    const { log } = await createLog({ maxEvents: 1 })
    await append(log, 'a', 'old', { event: 'x' })
    await append(log, 'a', 'new', { event: 'x' })
    await append(log, 'a', 'other', { event: 'y' })
    await append(log, 'b', 'last')
    expect((await log.latest(['a'])).map(({ data }) => data)).toEqual(['new', 'other'])
  })

  test('a flood on a topic with its own limits does not evict other topics', async () => {
    const { log } = await createLog({ maxEvents: 10 })
    const before = await append(log, 'a', 'kept')
    for (let i = 0; i < 30; i++) await append(log, 'b', `${i}`, { history: { maxEvents: 3 } })
    expect(await read(log, 'start', ['a'])).toMatchObject({ data: ['kept'], gaps: {} })
    expect(await read(log, 'start', ['b'])).toMatchObject({
      data: ['27', '28', '29'],
      gaps: { b: 'trimmed' },
    })
    expect((await read(log, before, ['b'])).gaps).toEqual({ b: 'trimmed' })
  })

  test('a topic is limited by its own bytes and age', async () => {
    const { log, pass } = await createLog({})
    const size = 'a'.length + 'message'.length + 10
    for (const digit of '123')
      await append(log, 'a', digit.repeat(10), { history: { maxBytes: 2 * size } })
    expect((await read(log, 'start', ['a'])).data.map((text) => text[0])).toEqual(['2', '3'])
    await append(log, 'b', '1', { history: { maxAgeMs: 1_000 } })
    await append(log, 'c', 'kept')
    await pass(1_500)
    expect(await read(log, 'start', ['b', 'c'])).toMatchObject({
      data: ['kept'],
      gaps: { b: 'trimmed' },
    })
  })

  test('forgets the history and latest values of a topic', async () => {
    const { log } = await createLog({})
    const [first, second] = await appendAll(log, 'a', ['1', '2'])
    await append(log, 'b', 'kept')
    await log.forget('a')
    await log.forget('nothing')
    expect(await read(log, 'start', ['a', 'b'])).toMatchObject({
      data: ['kept'],
      gaps: { a: 'trimmed' },
    })
    expect((await read(log, first, ['a'])).gaps).toEqual({ a: 'trimmed' })
    expect((await read(log, second, ['a'])).gaps).toEqual({})
    expect((await log.latest(['a', 'b'])).map(({ data }) => data)).toEqual(['kept'])
    await append(log, 'a', '3')
    expect(await read(log, second, ['a'])).toMatchObject({ data: ['3'], gaps: {} })
    expect((await log.latest(['a'])).map(({ data }) => data)).toEqual(['3'])
  })

  test('a topic that has ended stays ended when it is forgotten', async () => {
    const { log } = await createLog({})
    await append(log, 'a', 'end', { final: true })
    await log.forget('a')
    expect(await codeOf(append(log, 'a'))).toBe('topic-ended')
  })
}
