/** The leases of a log that only one process uses: a table of holders, with monotonic time. */
import { checkKey } from './check-append.ts'
import type { Lease, LeaseToken } from './event-log.ts'
import { LogError } from './log-error.ts'

export interface LeasesOptions {
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** Returns a number above all previous ones, also across restarts. */
  readonly nextToken: () => number
}

export interface Leases {
  /** @throws {LogError} `invalid` for a name outside 1 to 128 characters or a ttl below 1. */
  take(name: string, ttlMs: number): Lease | undefined
  isHeld(lease: LeaseToken): boolean
}

interface Holder {
  readonly token: number
  untilMs: number
}

/** Expired holders are removed once there are this many, and then at each doubling. */
const SWEEP_FROM = 1_000

export function createLeases({ now, nextToken }: LeasesOptions): Leases {
  const holders = new Map<string, Holder>()
  let sweepAt = SWEEP_FROM

  return {
    take(name, ttlMs) {
      checkKey('lease name', name)
      if (!(ttlMs >= 1)) {
        throw new LogError('invalid', `A lease cannot last ${ttlMs} ms: use 1 or more.`)
      }
      if (current(name)) return undefined
      if (holders.size >= sweepAt) sweep()
      const token = nextToken()
      holders.set(name, { token, untilMs: now() + ttlMs })
      return {
        name,
        token,
        renew() {
          const holder = current(name)
          if (holder?.token !== token) return Promise.resolve(false)
          holder.untilMs = now() + ttlMs
          return Promise.resolve(true)
        },
        release() {
          if (holders.get(name)?.token === token) holders.delete(name)
          return Promise.resolve()
        },
      }
    },
    isHeld: ({ name, token }) => current(name)?.token === token,
  }

  function current(name: string): Holder | undefined {
    const holder = holders.get(name)
    return holder && holder.untilMs > now() ? holder : undefined
  }

  function sweep(): void {
    for (const name of holders.keys()) if (!current(name)) holders.delete(name)
    sweepAt = Math.max(SWEEP_FROM, 2 * holders.size)
  }
}
