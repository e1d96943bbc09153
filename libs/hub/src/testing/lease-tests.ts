/** Leases and fencing. */
import type { Lease } from '../log/event-log.ts'
import { append, codeOf, read, type CreateLog } from './log-fixture.ts'
import type { TestRunner } from './test-runner.ts'

export function leaseTests({ test, expect }: TestRunner, createLog: CreateLog): void {
  test('a lease has one holder at a time, and its tokens increase', async () => {
    const { log } = await createLog({})
    const taken = await Promise.all(Array.from({ length: 5 }, () => log.lease('source', 1_000)))
    const first = only(taken)
    expect(first.name).toBe('source')
    expect((await log.lease('other', 1_000))?.name).toBe('other')
    await first.release()
    const second = only([await log.lease('source', 1_000)])
    expect(second.token).toBeGreaterThan(first.token)
  })

  test('a lease is lost after its ttl unless it is renewed', async () => {
    const { log, pass } = await createLog({})
    const first = only([await log.lease('source', 1_000)])
    await pass(600)
    expect(await first.renew()).toBe(true)
    await pass(600)
    expect(await log.lease('source', 1_000)).toBeUndefined()
    await pass(600)
    const second = only([await log.lease('source', 1_000)])
    expect(await first.renew()).toBe(false)
    // Releasing a lost lease does not release the lease of the next holder.
    await first.release()
    expect(await log.lease('source', 1_000)).toBeUndefined()
    expect(await second.renew()).toBe(true)
  })

  test('rejects appends with a lease that is not held', async () => {
    const { log, pass } = await createLog({})
    const first = only([await log.lease('source', 1_000)])
    const options = { lease: first, idempotencyKey: 'key' }
    const id = await append(log, 'a', 'held', options)
    await pass(1_500)
    expect(await codeOf(append(log, 'a', 'expired', { lease: first }))).toBe('stale-lease')
    const second = only([await log.lease('source', 1_000)])
    expect(await codeOf(append(log, 'a', 'taken', { lease: first }))).toBe('stale-lease')
    // A retry of a stored append resolves with its id.
    expect(await append(log, 'a', 'held', options)).toEqual(id)
    await append(log, 'a', 'second', { lease: second })
    await second.release()
    expect(await codeOf(append(log, 'a', 'released', { lease: second }))).toBe('stale-lease')
    const forged = { name: 'source', token: second.token + 1 }
    expect(await codeOf(append(log, 'a', 'forged', { lease: forged }))).toBe('stale-lease')
    expect((await read(log, 'start', ['a'])).data).toEqual(['held', 'second'])
  })

  test('rejects a lease with an invalid name or ttl', async () => {
    const { log } = await createLog({})
    for (const name of ['', 'x'.repeat(129)])
      expect(await codeOf(log.lease(name, 1_000))).toBe('invalid')
    for (const ttlMs of [0, -1, Number.NaN])
      expect(await codeOf(log.lease('source', ttlMs))).toBe('invalid')
  })

  /** The only lease that was granted. */
  function only(leases: readonly (Lease | undefined)[]): Lease {
    const granted = leases.filter((lease) => lease !== undefined)
    expect(granted.length).toBe(1)
    const [lease] = granted
    if (!lease) throw new Error('No lease was granted.')
    return lease
  }
}
