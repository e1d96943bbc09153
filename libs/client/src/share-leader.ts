/** The tab that has the connection: it asks for what all tabs want and hands on what it receives. */
import type { Connection } from './connection.ts'
import { othersHold, whenGone } from './leadership.ts'
import type { Group } from './share-group.ts'
import { toSent, type Message } from './share-message.ts'
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

interface Tab {
  readonly topics: readonly string[]
  readonly frames: boolean
}

/** `topics` are those that this tab wants itself. */
export function createLeader(group: Group, topics: readonly string[]): Leader {
  const { core, settings, listener, say, tabLock } = group
  const { clock } = settings
  const closed = new AbortController()
  const tabs = new Map<string, Tab>()
  let place = group.place()
  let since = place
  let series = 0
  let number = 0
  let status: LinkStatus = { state: 'connecting', since: clock.now() }
  let connection: Connection | undefined
  let cancelCollect: (() => void) | undefined

  say({ type: 'leader' })
  void othersHold(tabLock(''), tabLock(group.me)).then((others) => {
    if (closed.signal.aborted) return
    if (others) cancelCollect = core.wait(clock, COLLECT_MS, connect)
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
    connection = core.createConnection(
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
        onFrame(frame) {
          if ([...tabs.values()].some((tab) => tab.frames)) say({ type: 'frame', frame })
          listener.onFrame?.(frame)
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
      if (!known) whenGone(tabLock(from), closed.signal, () => forget(from))
      if (!connection) since = earlier(core, since, message.place)
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
    since = earlier(core, place, target)
    if (since !== place && connection) connect()
  }

  function forget(tab: string): void {
    if (tabs.delete(tab)) connection?.want(union())
  }

  function union(): string[] {
    return [...new Set([topics, ...[...tabs.values()].map((tab) => tab.topics)].flat())]
  }
}
