/** Appending: order, followers, malformed and large events, idempotency keys, final events, closing. */
import { append, appendAll, codeOf, read, record, type CreateLog } from './log-fixture.ts'
import type { TestRunner } from './test-runner.ts'

export function appendTests({ test, expect }: TestRunner, createLog: CreateLog): void {
  test('ids of one epoch increase over all topics', async () => {
    const { log } = await createLog({})
    const ids = []
    for (const topic of ['a', 'b', 'a', 'c']) ids.push(await append(log, topic))
    expect(new Set(ids.map(({ epoch }) => epoch)).size).toBe(1)
    const seqs = ids.map(({ seq }) => seq)
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b))
  })

  test('stores concurrent appends in the order of the calls', async () => {
    const { log } = await createLog({})
    const data = Array.from({ length: 300 }, (_, i) => `${i}`)
    const ids = await Promise.all(data.map((text, i) => append(log, i % 2 ? 'a' : 'b', text)))
    const page = await read(log, 'start', ['a', 'b'])
    expect(page.data).toEqual(data)
    expect(page.entries.map(({ seq }) => seq)).toEqual(ids.map(({ seq }) => seq))
  })

  test('stores names and data unchanged', async () => {
    const { log } = await createLog({})
    const texts = ['', 'two\nlines\r\n', 'é 漢 😀', '{"a":[1]}', '\0', 'x'.repeat(65_536)]
    for (const text of texts) await append(log, 'a/b.c~d-e', text, { event: 'naïve-😀' })
    const { entries } = await read(log, 'start', ['a/b.c~d-e'])
    expect(entries.map(({ data }) => data)).toEqual(texts)
    expect(entries[0]).toMatchObject({ topic: 'a/b.c~d-e', event: 'naïve-😀' })
  })

  test('sets `atMs` from its own clock, which never goes back', async () => {
    const { log, pass } = await createLog({})
    await append(log, 'a')
    await pass(50)
    await append(log, 'a')
    const { entries } = await read(log, 'start', ['a'])
    const [first, second] = entries.map(({ atMs }) => atMs)
    expect(second).toBeGreaterThanOrEqual((first ?? Infinity) + 50)
    expect(log.now()).toBeGreaterThanOrEqual(second ?? Infinity)
  })

  test('notifies followers of the position, then of every later entry in order', async () => {
    const { log } = await createLog({})
    const before = await append(log, 'a', 'before')
    const follower = record(log)
    const ids = await appendAll(log, 'a', ['one', 'two', 'three'])
    await follower.until(3)
    expect(follower.positions).toEqual([before])
    expect(follower.entries.map(({ data }) => data)).toEqual(['one', 'two', 'three'])
    expect(follower.entries.map(({ seq }) => seq)).toEqual(ids.map(({ seq }) => seq))
    follower.stop()
  })

  test('does not notify a follower that has stopped', async () => {
    const { log } = await createLog({})
    const stopped = record(log)
    const other = record(log)
    stopped.stop()
    await append(log, 'a')
    await other.until(1)
    expect(stopped.entries).toEqual([])
    other.stop()
  })

  test('notifies followers of every event of concurrent writers once', async () => {
    const { log } = await createLog({})
    const follower = record(log)
    const writers = ['a', 'b', 'c', 'd'].map((topic) =>
      appendAll(
        log,
        topic,
        Array.from({ length: 50 }, (_, i) => `${topic}${i}`),
      ),
    )
    const ids = (await Promise.all(writers)).flat().map(({ seq }) => seq)
    await follower.until(200)
    expect(follower.entries.map(({ seq }) => seq)).toEqual(ids.sort((a, b) => a - b))
    follower.stop()
  })

  test('rejects malformed events with `invalid` and stores nothing', async () => {
    const { log } = await createLog({})
    const malformed = [
      { topic: '', event: 'message', data: '' },
      { topic: 'with space', event: 'message', data: '' },
      { topic: 'downlink.own', event: 'message', data: '' },
      { topic: 'x'.repeat(129), event: 'message', data: '' },
      { topic: 'a', event: '', data: '' },
      { topic: 'a', event: 'two\nlines', data: '' },
      { topic: 'a', event: 'a/b', data: '' },
    ]
    for (const event of malformed) expect(await codeOf(log.append(event))).toBe('invalid')
    const event = { topic: 'a', event: 'message', data: '' }
    for (const idempotencyKey of ['', 'k'.repeat(129)])
      expect(await codeOf(log.append(event, { idempotencyKey }))).toBe('invalid')
    expect(await codeOf(log.append(event, { history: { maxEvents: -1 } }))).toBe('invalid')
    expect((await read(log, 'start', ['a'])).entries).toEqual([])
  })

  test('rejects data over its limit in bytes with `too-large`', async () => {
    const { log } = await createLog({ maxEventBytes: 10 })
    await append(log, 'a', 'é'.repeat(5))
    expect(await codeOf(append(log, 'a', `${'é'.repeat(5)}x`))).toBe('too-large')
    expect((await read(log, 'start', ['a'])).data).toEqual(['é'.repeat(5)])
  })

  test('a second append with an idempotency key stores nothing and returns the first id', async () => {
    const { log } = await createLog({})
    const options = { idempotencyKey: 'k'.repeat(128) }
    const event = { topic: 'a', event: 'message', data: 'first' }
    const first = await log.append(event, options)
    expect(first.duplicate).toBe(false)
    await append(log, 'a', 'between')
    expect(await log.append({ ...event, topic: 'b', data: 'again' }, options)).toEqual({
      id: first.id,
      duplicate: true,
    })
    expect((await read(log, 'start', ['a', 'b'])).data).toEqual(['first', 'between'])
  })

  test('stores one of many concurrent appends with the same idempotency key', async () => {
    const { log } = await createLog({})
    const event = { topic: 'a', event: 'message', data: '' }
    const appended = await Promise.all(
      Array.from({ length: 20 }, () => log.append(event, { idempotencyKey: 'key' })),
    )
    expect(new Set(appended.map(({ id }) => id.seq)).size).toBe(1)
    expect(appended.filter(({ duplicate }) => !duplicate).length).toBe(1)
    expect((await read(log, 'start', ['a'])).entries.length).toBe(1)
  })

  test('an idempotency key can store again after its lifetime', async () => {
    const { log, pass } = await createLog({ idempotencyMs: 1_000 })
    const first = await append(log, 'a', 'first', { idempotencyKey: 'key' })
    await pass(500)
    expect(await append(log, 'a', 'again', { idempotencyKey: 'key' })).toEqual(first)
    await pass(1_000)
    const second = await append(log, 'a', 'later', { idempotencyKey: 'key' })
    expect(second.seq).toBeGreaterThan(first.seq)
    expect(await append(log, 'a', 'again', { idempotencyKey: 'key' })).toEqual(second)
    expect((await read(log, 'start', ['a'])).data).toEqual(['first', 'later'])
  })

  test('a rejected append does not use its idempotency key', async () => {
    const { log } = await createLog({ maxEventBytes: 10 })
    const options = { idempotencyKey: 'key' }
    expect(await codeOf(append(log, 'a', 'x'.repeat(11), options))).toBe('too-large')
    const appended = await log.append({ topic: 'a', event: 'message', data: 'x' }, options)
    expect(appended.duplicate).toBe(false)
  })

  test('rejects appends to a topic after its final event', async () => {
    const { log } = await createLog({})
    await append(log, 'run/1', 'step')
    const options = { event: 'done', final: true, idempotencyKey: 'end' }
    const end = await append(log, 'run/1', 'end', options)
    expect(await codeOf(append(log, 'run/1', 'late'))).toBe('topic-ended')
    expect(await codeOf(append(log, 'run/1', 'end', { final: true }))).toBe('topic-ended')
    // A retry of the final event itself resolves with its id.
    expect(await append(log, 'run/1', 'end', options)).toEqual(end)
    await append(log, 'run/2', 'other')
    expect((await read(log, 'start', ['run/1'])).data).toEqual(['step', 'end'])
  })

  test('stores one of many concurrent final events', async () => {
    const { log } = await createLog({})
    const codes = await Promise.all(
      Array.from({ length: 10 }, (_, i) => codeOf(append(log, 'a', `${i}`, { final: true }))),
    )
    expect(codes.filter((code) => code === 'not rejected').length).toBe(1)
    expect(codes.filter((code) => code === 'topic-ended').length).toBe(9)
    expect((await read(log, 'start', ['a'])).data).toEqual(['0'])
  })

  test('finishes pending appends when it is closed, and rejects later calls with `closed`', async () => {
    const { log } = await createLog({})
    const pending = Array.from({ length: 10 }, () => codeOf(append(log, 'a')))
    await log.close()
    expect(new Set(await Promise.all(pending))).toEqual(new Set(['not rejected']))
    expect(await codeOf(append(log, 'a'))).toBe('closed')
    expect(await codeOf(read(log, 'start', ['a']))).toBe('closed')
    expect(await codeOf(log.latest(['a']))).toBe('closed')
    expect(await codeOf(log.lease('a', 1_000))).toBe('closed')
    await log.close()
  })
}
