/** The tab that has the connection: it asks for what all tabs want and hands on what it receives. */
import { wait } from './clock.ts'
import { createConnection, type Connection, type ConnectionListener } from './connection.ts'
import { whenGone } from './leadership.ts'
import type { Settings } from './link-options.ts'
import { toSent, type LeaderMessage, type Message } from './share-message.ts'
import { earlier } from './share-place.ts'
import type { LinkStatus } from './status.ts'

/** How long a new leader listens for the places of the others before it connects. */
const COLLECT_MS = 50

export interface Leader {
  hear(message: Message): void
  want(topics: readonly string[]): void
  retryNow(): void
  close(): void
}

export interface LeaderOptions {
  readonly settings: Settings
  readonly topics: readonly string[]
  /** Where this tab stands. */
  readonly place: string
  /** The name of the lock that another tab holds while it lives. */
  readonly tabLock: (tab: string) => string
  /** Whether there are other tabs. */
  readonly others: () => Promise<boolean>
  readonly say: (message: LeaderMessage) => void
  /** This tab's own ear. */
  readonly listener: ConnectionListener
}

interface Tab {
  readonly topics: readonly string[]
  readonly frames: boolean
}

export function createLeader(options: LeaderOptions): Leader {
  const { settings, say, listener } = options
  const closed = new AbortController()
  const tabs = new Map<string, Tab>()
  let { topics, place } = options
  let since = place
  let series = 0
  let number = 0
  let status: LinkStatus = { state: 'connecting', since: settings.clock.now() }
  let connection: Connection | undefined
  let cancelCollect: (() => void) | undefined

  say({ type: 'leader' })
  void options.others().then((others) => {
    if (closed.signal.aborted) return
    if (others) cancelCollect = wait(settings.clock, COLLECT_MS, connect)
    else connect()
  })

  return {
    hear,
    want(wanted) {
      topics = wanted
      connection?.want(union())
    },
    retryNow: () => connection?.retryNow(),
    close() {
      closed.abort()
      cancelCollect?.()
      connection?.close()
    },
  }

  function connect(): void {
    place = since
    connection?.close()
    connection = createConnection(
      { ...settings, lastEventId: since },
      {
        onStatus(next) {
          status = next
          say({ type: 'status', status: toSent(next) })
          listener.onStatus(next)
        },
        onEvents(events, lastEventId) {
          place = lastEventId
          say({ type: 'events', series, number, since, events, place })
          number += 1
          listener.onEvents(events, lastEventId)
        },
        onFrames(frames) {
          if ([...tabs.values()].some((tab) => tab.frames)) say({ type: 'frames', frames })
          listener.onFrames?.(frames)
        },
      },
    )
    connection.want(union())
  }

  function hear(message: Message): void {
    const { from } = message
    if (message.type === 'want') {
      const known = tabs.has(from)
      tabs.set(from, message)
      if (!known) whenGone(options.tabLock(from), closed.signal, () => forget(from))
      if (!connection) since = earlier(since, message.place)
      connection?.want(union())
      say({ type: 'status', status: toSent(status), to: from })
    } else if (message.type === 'behind') {
      goBack(message.place)
    } else if (message.type === 'retry') {
      connection?.retryNow()
    } else if (message.type === 'gone') {
      forget(from)
    }
  }

  /** Begins a series that a tab can take up which stands at `target`. */
  function goBack(target: string): void {
    series += 1
    number = 0
    since = earlier(place, target)
    if (since !== place && connection) connect()
  }

  function forget(tab: string): void {
    if (tabs.delete(tab)) connection?.want(union())
  }

  function union(): string[] {
    return [...new Set([topics, ...[...tabs.values()].map((tab) => tab.topics)].flat())]
  }
}
