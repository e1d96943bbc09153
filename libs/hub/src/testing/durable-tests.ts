/** Logs that survive their process: the state that a reopened log must have. */
import {
  append,
  appendAll,
  codeOf,
  read,
  record,
  type LogFixture,
  type CreateLog,
} from './log-fixture.ts'
import type { TestRunner } from './test-runner.ts'

export function durableTests({ test, expect }: TestRunner, createLog: CreateLog): void {
  test('a reopened log has its events and continues its ids', async () => {
    const fixture = await createLog({})
    const ids = await appendAll(fixture.log, 'a', ['1', '2'])
    const log = await reopen(fixture)
    expect(record(log).positions[0]?.epoch).toBe(ids[0]?.epoch)
    expect((await read(log, ids[0], ['a'])).data).toEqual(['2'])
    expect(await read(log, ids[1], ['a'])).toMatchObject({ data: [], gaps: {} })
    const next = await append(log, 'a', '3')
    expect(next.epoch).toBe(ids[0]?.epoch)
    expect(next.seq).toBeGreaterThan(ids[1]?.seq ?? Infinity)
    expect(await read(log, 'start', ['a'])).toMatchObject({ data: ['1', '2', '3'], gaps: {} })
  })

  test('a reopened log has its latest values and reports trimmed events', async () => {
    const fixture = await createLog({ maxEvents: 2 })
    const [first] = await appendAll(fixture.log, 'a', ['1', '2'])
    await appendAll(fixture.log, 'b', ['3', '4'])
    const log = await reopen(fixture)
    expect((await log.latest(['a', 'b'])).map(({ data }) => data)).toEqual(['2', '4'])
    expect((await read(log, first, ['a', 'b'])).gaps).toEqual({ a: 'trimmed' })
    await append(log, 'b', '5')
    expect((await read(log, 'start', ['b'])).data).toEqual(['4', '5'])
  })

  test('a reopened log has its idempotency keys and final events', async () => {
    const fixture = await createLog({})
    const id = await append(fixture.log, 'a', '1', { idempotencyKey: 'key' })
    await append(fixture.log, 'b', 'end', { final: true })
    const log = await reopen(fixture)
    expect(await append(log, 'a', 'again', { idempotencyKey: 'key' })).toEqual(id)
    expect(await codeOf(append(log, 'b', 'late'))).toBe('topic-ended')
  })

  test('the tokens of leases increase across restarts', async () => {
    const fixture = await createLog({})
    const before = await fixture.log.lease('source', 1_000)
    const log = await reopen(fixture)
    await fixture.pass(1_500)
    const after = await log.lease('source', 1_000)
    expect(after?.token).toBeGreaterThan(before?.token ?? Infinity)
    expect(await codeOf(append(log, 'a', '', before && { lease: before }))).toBe('stale-lease')
  })

  test('a reopened log does not delete events because of the time it was closed', async () => {
    const fixture = await createLog({ maxAgeMs: 1_000 })
    await append(fixture.log, 'a', '1')
    const log = await reopen(fixture)
    expect((await read(log, 'start', ['a'])).data).toEqual(['1'])
    await fixture.pass(1_500)
    expect(await read(log, 'start', ['a'])).toMatchObject({ data: [], gaps: { a: 'trimmed' } })
  })
}

function reopen(fixture: LogFixture) {
  if (!fixture.reopen) throw new Error('A durable log needs LogFixture.reopen.')
  return fixture.reopen()
}
