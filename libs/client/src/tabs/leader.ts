/** The tab that has the connection: it asks for what all tabs want and hands on what it receives. */
import type { Connection } from '../connection/connection.ts'
import { othersHold, whenGone } from './election.ts'
import type { Group } from './tab-context.ts'
import { toSent, type Message } from './messages.ts'
import { earlier } from './place.ts'
import type { LinkStatus } from '../status.ts'
import type { WireFrame } from '../connection/wire-frames.ts'

/** How long wishes are collected before the connection follows them: tabs that come together make one request. */
const COLLECT_MS = 50

/** More tabs than this are not served: a page of the origin may send anything. */
const MAX_TABS = 256

export interface Leader {
  hear(message: Message): void
  want(topics: readonly string[]): void
  retryNow(): void
  close(): void
}

type Want = Extract<Message, { type: 'want' }>

/** `topics` are those that this tab wants itself. */
export function createLeader(group: Group, topics: readonly string[]): Leader {
  const { core, settings, listener, say, take, tabLock } = group
  const plain = settings.format === 'plain'
  const closed = new AbortController()
  /** What each of the other tabs wants. */
  const tabs = new Map<string, Want>()
  /** What the connection does not follow yet. */
  const waiting = new Map<string, Want>()
  /** The tab that has read most, on the plain format: there, ids have no order. */
  let furthest: { count: number; place: string } | undefined
  let first = 1
  let place = group.place()
  let since = place
  let number = 0
  let status: LinkStatus = { state: 'idle' }
  let connection: Connection | undefined
  let cancelCollect: (() => void) | undefined

  say({ type: 'leader' })
  void othersHold(tabLock(''), tabLock(group.me)).then((others) => {
    if (closed.signal.aborted) return
    if (others) collect()
    else ask()
  })

  return {
    hear,
    want(wanted) {
      topics = wanted
      if (connection) ask()
    },
    retryNow: () => connection?.retryNow(),
    close() {
      closed.abort()
      cancelCollect?.()
      connection?.close()
    },
  }

  function collect(): void {
    cancelCollect ??= core.wait(settings.clock, COLLECT_MS, ask)
  }

  function ask(): void {
    cancelCollect?.()
    cancelCollect = undefined
    connection ??= connect()
    // Where nothing has been received yet, what comes is the start for all.
    connection.want(
      union(),
      place === '' ? [] : [group, ...waiting.values()].flatMap(({ added }) => added),
    )
    for (const { from, topics } of waiting.values()) {
      say({ type: 'status', status: toSent(status), to: from, topics })
    }
    waiting.clear()
  }

  function connect(): Connection {
    if (plain) since = startOnPlain()
    place = since
    return core.createConnection(
      { ...settings, lastEventId: since },
      {
        onStatus(next) {
          status = next
          say({ type: 'status', status: toSent(next) })
          listener.onStatus(next)
        },
        onEvents(events, lastEventId) {
          place = lastEventId
          for (const { refused } of events) if (refused) forget(refused.topic)
          say({ type: 'events', number, since, events, first, place })
          const from = first
          number++
          first += events.length
          take(events, place, from)
        },
        onFrame: listener.onFrame && showFrame,
      },
    )
  }

  /** Events that the last leader sent are read until now: this tab, or one that has read more, goes on after them. */
  function startOnPlain(): string {
    const own = { count: group.count(), place: group.place() }
    const start = furthest && furthest.count > own.count ? furthest : own
    first = start.count + 1
    return start.place
  }

  /** The server refused a topic: it is asked for again only for a tab that says that it wants it after this. */
  function forget(topic: string): void {
    const others = (all: readonly string[]): string[] => all.filter((one) => one !== topic)
    topics = others(topics)
    for (const [from, tab] of tabs) {
      if (!waiting.has(from)) tabs.set(from, { ...tab, topics: others(tab.topics) })
    }
  }

  function showFrame(frame: WireFrame): void {
    say({ type: 'frame', frame })
    listener.onFrame?.(frame)
  }

  function hear(message: Message): void {
    const { from } = message
    if (message.type === 'want') {
      if (!tabs.has(from)) {
        if (tabs.size === MAX_TABS) return
        whenGone(tabLock(from), closed.signal, () => {
          tabs.delete(from)
          waiting.delete(from)
          connection?.want(union())
        })
      }
      tabs.set(from, message)
      waiting.set(from, message)
      if (message.count > (furthest?.count ?? 0)) furthest = message
      // Said too late for the start: what comes now must not count as what that tab has read already.
      if (connection) first = Math.max(first, message.count + 1)
      if (!connection) since = earlier(core, since, message.place)
      collect()
    } else if (message.type === 'behind') goBack(message.place)
    else if (message.type === 'retry') connection?.retryNow()
  }

  /** Begins to count anew, from where a tab can go on which stands at `target`. */
  function goBack(target: string): void {
    if (plain) return
    number = 0
    since = earlier(core, place, target)
    if (since === place || !connection) return
    connection.close()
    connection = undefined
    ask()
  }

  function union(): string[] {
    return [...new Set([{ topics }, ...tabs.values()].flatMap((tab) => tab.topics))].sort()
  }
}
