/**
 * Faults on demand, for a page that shows how the system handles them. Off unless DEMO_FAULTS is set, because any client
 * can then break streams. A visitor names itself with `/events?visitor=…`.
 */
import type { ServerResponse } from 'node:http'
import type { Clock } from '@downlink/protocol'
import { sleep } from '../../clock.ts'

export interface DemoFaults {
  /** Registers a visitor's stream until the returned function is called. */
  readonly open: (visitor: string, res: ServerResponse) => () => void
  /** Whether the visitor's last event id is to be ignored: true once after `expire`. */
  readonly consumeExpired: (visitor: string) => boolean
  /** Resets the visitor's connections. False if it has none. */
  readonly cut: (visitor: string) => boolean
  /** Holds back all bytes to the visitor for a minute, heartbeats included. False if it has no stream. */
  readonly stall: (visitor: string) => boolean
  /** Cuts, and treats the last event id of the reconnect as unknown. False if it has no stream. */
  readonly expire: (visitor: string) => boolean
  /** Publishes 1,000 times a second for three seconds. Does nothing while a flood is in progress. */
  readonly flood: () => void
  /** Drains the server and restarts it on the same port, with a new history. */
  readonly restart: () => void
}

export interface DemoFaultsOptions {
  readonly clock: Clock
  /** Publishes one event of each stream that supports it. */
  readonly publishOne: () => Promise<unknown>
  readonly restart: () => void
  readonly onError: (error: unknown) => void
}

const MAX_EXPIRED = 1_000
const STALL_MS = 60_000
const FLOOD_BATCHES = 300
const FLOOD_BATCH_EVENTS = 10
const FLOOD_BATCH_MS = 10

export function createDemoFaults(options: DemoFaultsOptions): DemoFaults {
  const { clock, publishOne, restart, onError } = options
  const streams = new Map<string, Set<ServerResponse>>()
  /** Visitors whose next request gets a gap. `expire` limits their number. */
  const expired = new Set<string>()
  let flooding = false

  return {
    open,
    consumeExpired: (visitor) => expired.delete(visitor),
    cut,
    stall,
    expire,
    flood,
    restart,
  }

  function open(visitor: string, res: ServerResponse): () => void {
    const own = streams.get(visitor) ?? new Set()
    streams.set(visitor, own.add(res))
    return () => {
      own.delete(res)
      if (own.size === 0 && streams.get(visitor) === own) streams.delete(visitor)
    }
  }

  function cut(visitor: string): boolean {
    return eachStream(visitor, (res) => res.socket?.resetAndDestroy())
  }

  function expire(visitor: string): boolean {
    if (!cut(visitor)) return false
    expired.add(visitor)
    // Some visitors never return, so the oldest entries are removed.
    for (const oldest of expired) {
      if (expired.size <= MAX_EXPIRED) break
      expired.delete(oldest)
    }
    return true
  }

  function stall(visitor: string): boolean {
    return eachStream(visitor, ({ socket }) => {
      if (socket === null) return
      const closed = new AbortController()
      socket.once('close', () => closed.abort())
      socket.cork()
      sleep(clock, STALL_MS, closed.signal).then(
        () => socket.uncork(),
        () => undefined,
      )
    })
  }

  function flood(): void {
    if (flooding) return
    flooding = true
    pour()
      .catch(onError)
      .finally(() => {
        flooding = false
      })
  }

  async function pour(): Promise<void> {
    for (let batch = 0; batch < FLOOD_BATCHES; batch++) {
      for (let i = 0; i < FLOOD_BATCH_EVENTS; i++) await publishOne()
      await sleep(clock, FLOOD_BATCH_MS)
    }
  }

  function eachStream(visitor: string, act: (res: ServerResponse) => void): boolean {
    const own = streams.get(visitor)
    for (const res of own ?? []) act(res)
    return own !== undefined
  }
}
