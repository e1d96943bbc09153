import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createManualClock, type ManualClock } from '../../test/manual-clock.ts'
import { wait } from '../clock.ts'
import { runForLeader, type Candidacy } from './election.ts'

const REST_MS = 2_000

/** Every request for the lock as it was made: a test refuses or grants it. */
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
      // A lock that is stolen refuses its holder, whatever it waits for.
      const grant = (): void => void Promise.resolve(held()).then(resolve)
      options.signal?.addEventListener('abort', refuse)
      requests.push({ options, refuse, grant })
    })
  vi.stubGlobal('navigator', { locks: { request } })
})
afterEach(() => {
  vi.unstubAllGlobals()
})

test('a lock that is refused again and again is asked for once a rest', async () => {
  run()
  for (let count = 1; count <= 5; count++) {
    requests.at(-1)?.refuse()
    await vi.waitFor(() => expect(ends).toBe(count))
    clock.advance(REST_MS - 1)
    expect(requests).toHaveLength(count)
    clock.advance(1)
    expect(requests).toHaveLength(count + 1)
  }
  expect(elections).toBe(0)
})

test('a leader whose lock was stolen says so at once, and waits in line after a rest', async () => {
  run()
  requests[0]?.grant()
  expect(elections).toBe(1)
  requests[0]?.refuse()
  await vi.waitFor(() => expect(ends).toBe(1))
  expect(requests).toHaveLength(1)
  clock.advance(REST_MS)
  expect(requests).toHaveLength(2)
})

test('who pauses or steals during a rest does not ask twice', async () => {
  const candidacy = run()
  requests[0]?.refuse()
  await vi.waitFor(() => expect(clock.pending()).toEqual([REST_MS]))
  candidacy.pause()
  expect(clock.pending()).toEqual([])
  candidacy.resume()
  expect(requests).toHaveLength(2)

  requests[1]?.refuse()
  await vi.waitFor(() => expect(clock.pending()).toEqual([REST_MS]))
  candidacy.steal()
  expect(clock.pending()).toEqual([])
  expect(requests.map(({ options }) => options.steal)).toEqual([undefined, undefined, true])
})

function run(): Candidacy {
  return runForLeader(
    'lock',
    (run) => wait(clock, REST_MS, run),
    () => elections++,
    () => ends++,
  )
}
