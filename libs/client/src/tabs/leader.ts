/** The tab with the connection: it requests the topics of all tabs and forwards what it receives. */
import { wait } from '../clock.ts'
import { createConnection, type Connection } from '../connection/connection.ts'
import type { WireFrame } from '../connection/wire-frames.ts'
import type { LinkStatus } from '../status.ts'
import { othersHold, whenReleased } from './election.ts'
import { toSentStatus, type Message } from './messages.ts'
import { earlier, type TabContext } from './tab-context.ts'

/** How long requests of tabs are collected, so that tabs which open together cause one reconnect. */
const COLLECT_MS = 50

/** The most other tabs. Messages of further tabs are ignored, because any page of the origin can send messages. */
export const MAX_TABS = 256

export interface Leader {
  /** Receives a message of another tab. */
  receive(message: Message): void
  /** Sets the topics of this tab's own link. */
  setTopics(topics: readonly string[]): void
  retryNow(): void
  close(): void
}

type TopicsMessage = Extract<Message, { type: 'topics' }>

/** `topics` are those of this tab's own link. */
export function createLeader(context: TabContext, topics: readonly string[]): Leader {
  const { settings, listener, broadcast, deliver, lockOf } = context
  const plain = settings.format === 'plain'
  const closed = new AbortController()
  /** The last request of each of the other tabs. */
  const tabs = new Map<string, TopicsMessage>()
  /** The requests that the connection does not follow yet. */
  const pending = new Map<string, TopicsMessage>()
  /** On the plain format, where ids have no order: the tab that has received most. */
  let furthest: { lastNumber: number; lastEventId: string } | undefined
  let firstNumber = 1
  let lastEventId = context.lastEventId()
  /** The last event ID before batch 0. */
  let startId = lastEventId
  let batch = 0
  let status: LinkStatus = { state: 'idle' }
  let connection: Connection | undefined
  let cancelCollect: (() => void) | undefined

  broadcast({ type: 'leader' })
  void othersHold(lockOf(''), lockOf(context.tabId)).then((hasOthers) => {
    if (closed.signal.aborted) return
    if (hasOthers) collect()
    else request()
  })

  return {
    receive,
    setTopics(next) {
      topics = next
      if (connection) request()
    },
    retryNow: () => connection?.retryNow(),
    close() {
      closed.abort()
      cancelCollect?.()
      connection?.close()
    },
  }

  function collect(): void {
    cancelCollect ??= wait(settings.clock, COLLECT_MS, request)
  }

  /** Makes the connection follow the topics of all tabs. */
  function request(): void {
    cancelCollect?.()
    cancelCollect = undefined
    connection ??= connect()
    // Before the first event, every topic starts from its beginning for all tabs.
    const restart = lastEventId === '' ? [] : missingTopics()
    connection.setTopics(allTopics(), restart)
    for (const tab of pending.values()) {
      broadcast({ type: 'status', status: toSentStatus(status), to: tab.from, topics: tab.topics })
    }
    pending.clear()
  }

  function connect(): Connection {
    if (plain) startId = startOnPlain()
    lastEventId = startId
    return createConnection(
      { ...settings, lastEventId: startId },
      {
        onStatus(next) {
          status = next
          broadcast({ type: 'status', status: toSentStatus(next) })
          listener.onStatus(next)
        },
        onEvents(events, nextId) {
          lastEventId = nextId
          for (const { refused } of events) if (refused) removeTopic(refused.topic)
          broadcast({ type: 'events', batch, startId, events, firstNumber, lastEventId })
          const number = firstNumber
          batch++
          firstNumber += events.length
          deliver(events, lastEventId, number)
        },
        onFrame: listener.onFrame && forwardFrame,
      },
    )
  }

  /** Where the connection starts on the plain format: after this tab's events, or those of a tab that has received more. */
  function startOnPlain(): string {
    const own = { lastNumber: context.lastNumber(), lastEventId: context.lastEventId() }
    const start = furthest && furthest.lastNumber > own.lastNumber ? furthest : own
    firstNumber = start.lastNumber + 1
    return start.lastEventId
  }

  /** The server refused a topic: it is requested again only for a tab that asks for it after the refusal. */
  function removeTopic(topic: string): void {
    const others = (all: readonly string[]): string[] => all.filter((one) => one !== topic)
    topics = others(topics)
    for (const [from, tab] of tabs) {
      if (!pending.has(from)) tabs.set(from, { ...tab, topics: others(tab.topics) })
    }
  }

  function forwardFrame(frame: WireFrame): void {
    broadcast({ type: 'frame', frame })
    listener.onFrame?.(frame)
  }

  function receive(message: Message): void {
    if (message.type === 'topics') addRequest(message)
    else if (message.type === 'behind') goBack(message.lastEventId)
    else if (message.type === 'retry') connection?.retryNow()
  }

  function addRequest(message: TopicsMessage): void {
    const { from, lastNumber } = message
    if (!tabs.has(from)) {
      if (tabs.size === MAX_TABS) return
      whenReleased(lockOf(from), closed.signal, () => removeTab(from))
    }
    tabs.set(from, message)
    pending.set(from, message)
    if (lastNumber > (furthest?.lastNumber ?? 0)) furthest = message
    // The connection is open already: the tab must not mistake its next events for those that it has received.
    if (connection) firstNumber = Math.max(firstNumber, lastNumber + 1)
    else startId = earlier(startId, message.lastEventId)
    collect()
  }

  function removeTab(from: string): void {
    tabs.delete(from)
    pending.delete(from)
    connection?.setTopics(allTopics())
  }

  /** Reconnects at the last event ID of a tab that is behind, and numbers the batches from 0 again. */
  function goBack(targetId: string): void {
    if (plain) return
    batch = 0
    startId = earlier(lastEventId, targetId)
    if (startId === lastEventId || !connection) return
    connection.close()
    connection = undefined
    request()
  }

  function allTopics(): string[] {
    return [...new Set([{ topics }, ...tabs.values()].flatMap((tab) => tab.topics))].sort()
  }

  /** The topics that some tab needs from their start. */
  function missingTopics(): string[] {
    const others = [...pending.values()].flatMap((tab) => tab.missingTopics)
    return [...context.missingTopics(), ...others]
  }
}
