/** Logs with several instances on one store. */
import { append, codeOf, read, record, type LogFixture, type CreateLog } from './log-fixture.ts'
import type { TestRunner } from './test-runner.ts'

export function sharedTests({ test, expect }: TestRunner, createLog: CreateLog): void {
  test('every instance notifies its followers of all events in the same order', async () => {
    const fixture = await createLog({})
    const logs = [fixture.log, await another(fixture)] as const
    const followers = logs.map(record)
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => append(logs[i % 2 ? 0 : 1], 'a', `${i}`)),
    )
    const [first, second] = followers
    await Promise.all(followers.map((follower) => follower.until(40)))
    expect(first?.entries).toEqual(second?.entries)
    expect((await read(logs[0], 'start', ['a'])).entries).toEqual(first?.entries)
    for (const follower of followers) follower.stop()
  })

  test('a position of one instance resumes on the other', async () => {
    const fixture = await createLog({})
    const other = await another(fixture)
    const id = await append(fixture.log, 'a', '1')
    await append(other, 'a', '2')
    expect((await read(other, id, ['a'])).data).toEqual(['2'])
    expect((await other.latest(['a'])).map(({ data }) => data)).toEqual(['2'])
  })

  test('instances share idempotency keys, final events and leases', async () => {
    const fixture = await createLog({})
    const other = await another(fixture)
    const id = await append(fixture.log, 'a', '1', { idempotencyKey: 'key' })
    expect(await append(other, 'a', '2', { idempotencyKey: 'key' })).toEqual(id)
    const lease = await fixture.log.lease('source', 1_000)
    expect(await other.lease('source', 1_000)).toBeUndefined()
    await append(other, 'a', 'end', { final: true, ...(lease && { lease }) })
    expect(await codeOf(append(fixture.log, 'a', 'late'))).toBe('topic-ended')
    await lease?.release()
    expect(await codeOf(append(other, 'b', '', lease && { lease }))).toBe('stale-lease')
  })
}

function another(fixture: LogFixture) {
  if (!fixture.another) throw new Error('A shared log needs LogFixture.another.')
  return fixture.another()
}
