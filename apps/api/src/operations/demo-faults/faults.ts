/**
 * Faults on demand, for a page that shows what the system does about them. Off unless DEMO_FAULTS is set: whoever may
 * reach the server may then break streams. A visitor names itself with `/events?visitor=…`.
 */
import type { ServerResponse } from 'node:http'
import type { Hub } from '@downlink/hub'
import { stocks } from '@downlink/protocol/streams'
import type { Clock } from '../../clock.ts'
import type { StockWalk } from '../../streams/stocks/walk.ts'

export interface DemoFaults {
  /** Notes a visitor's stream until the returned function is called. */
  readonly open: (visitor: string, res: ServerResponse) => () => void
  /** Whether the visitor's last id counts for nothing: true once after `expire`. */
  readonly forgets: (visitor: string) => boolean
  /** Resets the visitor's connections. False: it has none. */
  readonly cut: (visitor: string) => boolean
  /** Holds back every byte to the visitor for a minute, heartbeats too. False: it has no stream. */
  readonly stall: (visitor: string) => boolean
  /** Cuts, and answers the reconnect as if its last id had been forgotten. False: it has no stream. */
  readonly expire: (visitor: string) => boolean
  /** Prices for everybody, a thousand a second for three seconds. Does nothing while one is under way. */
  readonly flood: () => void
  /** Drains and starts anew, on the same port and with a new history. */
  readonly restart: () => void
}

export interface DemoFaultsOptions {
  readonly hub: Hub
  readonly clock: Clock
  readonly step: StockWalk
  readonly restart: () => void
  readonly onError: (error: unknown) => void
}

const MAX_EXPIRED = 1_000
const STALL_MS = 60_000
const FLOOD_BATCHES = 300
const FLOOD_BATCH_EVENTS = 10
const FLOOD_BATCH_MS = 10

export function createDemoFaults(options: DemoFaultsOptions): DemoFaults {
  const { hub, clock, step, restart, onError } = options
  const streams = new Map<string, Set<ServerResponse>>()
  /** Who is to be told of a gap with their next request. Its end: see `expire`. */
  const expired = new Set<string>()
  let flooding = false

  return { open, forgets: (visitor) => expired.delete(visitor), cut, stall, expire, flood, restart }

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
    // Not everybody comes back: the bound holds for those who do not.
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
      clock.sleep(STALL_MS, closed.signal).then(
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
      for (let i = 0; i < FLOOD_BATCH_EVENTS; i++) {
        const price = step()
        await hub.publish(stocks, price.symbol, price)
      }
      await clock.sleep(FLOOD_BATCH_MS)
    }
  }

  function eachStream(visitor: string, act: (res: ServerResponse) => void): boolean {
    const own = streams.get(visitor)
    for (const res of own ?? []) act(res)
    return own !== undefined
  }
}
