import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createManualClock, type ManualClock } from '../../test/manual-clock.ts'
import { wait } from '../clock.ts'
import { joinElection, type Candidate } from './election.ts'

const RETRY_MS = 2_000

/** All requests for the lock. A test refuses or grants them. */
let requests: { options: LockOptions; refuse: () => void; grant: () => void }[]
let clock: ManualClock
let ends: number
let elections: number

beforeEach(() => {
  requests = []
  clock = createManualClock()
  ends = 0
  elections = 0
  const request = (_name: string, options: LockOptions, held: () => unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const refuse = (): void => reject(new DOMException('Refused.', 'AbortError'))
      // When a lock is stolen, the request of its holder rejects, whatever the holder waits for.
      const grant = (): void => void Promise.resolve(held()).then(resolve)
      options.signal?.addEventListener('abort', refuse)
      requests.push({ options, refuse, grant })
    })
  vi.stubGlobal('navigator', { locks: { request } })
})
afterEach(() => {
  vi.unstubAllGlobals()
})

test('requests a lock that is refused again only after the delay', async () => {
  run()
  for (let count = 1; count <= 5; count++) {
    requests.at(-1)?.refuse()
    await vi.waitFor(() => expect(ends).toBe(count))
    clock.advance(RETRY_MS - 1)
    expect(requests).toHaveLength(count)
    clock.advance(1)
    expect(requests).toHaveLength(count + 1)
  }
  expect(elections).toBe(0)
})

test('a leader whose lock is stolen resigns immediately and waits for the lock again after the delay', async () => {
  run()
  requests[0]?.grant()
  expect(elections).toBe(1)
  requests[0]?.refuse()
  await vi.waitFor(() => expect(ends).toBe(1))
  expect(requests).toHaveLength(1)
  clock.advance(RETRY_MS)
  expect(requests).toHaveLength(2)
})

test('pause() and steal() during the delay cancel its request', async () => {
  const candidate = run()
  requests[0]?.refuse()
  await vi.waitFor(() => expect(clock.pending()).toEqual([RETRY_MS]))
  candidate.pause()
  expect(clock.pending()).toEqual([])
  candidate.resume()
  expect(requests).toHaveLength(2)

  requests[1]?.refuse()
  await vi.waitFor(() => expect(clock.pending()).toEqual([RETRY_MS]))
  candidate.steal()
  expect(clock.pending()).toEqual([])
  expect(requests.map(({ options }) => options.steal)).toEqual([undefined, undefined, true])
})

function run(): Candidate {
  return joinElection(
    'lock',
    (retry) => wait(clock, RETRY_MS, retry),
    () => elections++,
    () => ends++,
  )
}
