/**
 * One connection for all tabs of an origin. The tabs elect a leader, which holds the connection and forwards what it receives
 * over a BroadcastChannel. Each link keeps its own last event ID and skips duplicates, so a new leader may resume
 * slightly before the point where the former leader stopped.
 */
import { wait } from '../clock.ts'
import {
  createConnection,
  type Connection,
  type ConnectionListener,
} from '../connection/connection.ts'
import { listen } from '../connection/page-events.ts'
import type { ReceivedEvent } from '../connection/received-event.ts'
import type { Settings } from '../options.ts'
import { holdWhileAlive, joinElection } from './election.ts'
import { createFollower } from './follower.ts'
import { createLeader, type Leader } from './leader.ts'
import { parseMessage, type FollowerMessage, type LeaderMessage, type Message } from './messages.ts'
import type { TabContext } from './tab-context.ts'

/** Version of the messages between tabs. Raise it with each change to them. */
const MESSAGES_VERSION = 3
/** How often the leader sends a message at least. A tab whose request for the lock is refused repeats it as often. */
const HEARTBEAT_MS = 2_000
/** A leader that is silent for three heartbeats is frozen, and replaced, because a frozen page keeps its lock. */
const LEADER_TIMEOUT_MS = 3 * HEARTBEAT_MS
/** In a hidden tab timers may run only once a minute, both in the leader and in its followers. */
const HIDDEN_LEADER_TIMEOUT_MS = 180_000
/** Heartbeats are delayed by up to a quarter at random, so that followers do not all replace a leader at the same moment. */
const HEARTBEAT_JITTER = 0.25

/**
 * The function that creates a shared connection, or the tab's own connection if Web Locks or BroadcastChannel are missing:
 * only secure pages have Web Locks, and pages without access to storage may not use them.
 */
export async function chooseConnection(): Promise<typeof createConnection> {
  try {
    await navigator.locks.query()
    if ('BroadcastChannel' in globalThis && 'document' in globalThis) return createSharedConnection
  } catch {
    // Web Locks are missing, or this page may not use them.
  }
  return createConnection
}

/** Takes part in the group of tabs until it is closed. */
function createSharedConnection(settings: Settings, listener: ConnectionListener): Connection {
  const { clock, url, share, format = 'multiplexed' } = settings
  const plain = format === 'plain'
  const tabId = crypto.randomUUID()
  // During a deployment, tabs with another version of the messages share a connection of their own.
  const name = [`downlink/${MESSAGES_VERSION}`, format, url, share].join(' ')
  const channel = new BroadcastChannel(name)
  const closed = new AbortController()
  const { signal } = closed
  let { lastEventId } = settings
  /** The number of the last event that was received. */
  let lastNumber = 0
  let topics: readonly string[] = []
  /** The topics that the connection requests for this tab. Other events that it forwards are not for this tab yet. */
  let activeTopics = topics
  /** The topics whose start was received. */
  let receivedTopics = topics
  let leader: Leader | undefined
  /** When the leader sent a message last, on the monotonic clock. */
  let receivedAt = clock.now()
  const context: TabContext = {
    settings,
    tabId,
    listener,
    deliver,
    lastEventId: () => lastEventId,
    lastNumber: () => lastNumber,
    missingTopics: () => topics.filter((topic) => !receivedTopics.includes(topic)),
    setActiveTopics: (next) => (activeTopics = next),
    lockOf: (id) => `${name} ${id}`,
    broadcast,
  }
  const follow = createFollower(context, sendTopics)
  const candidate = joinElection(
    name,
    (retry) => wait(clock, HEARTBEAT_MS, retry),
    () => {
      activeTopics = topics
      leader = createLeader(context, topics)
    },
    resign,
  )
  const lockHeld = holdWhileAlive(context.lockOf(tabId), signal)
  channel.onmessage = (event: MessageEvent<unknown>) => {
    // Any page of the origin can send anything.
    const message = parseMessage(event.data)
    if (message) receive(message)
  }
  let cancelHeartbeat: (() => void) | undefined
  heartbeat()
  listen(signal, document, 'freeze', candidate.pause)
  listen(signal, document, 'resume', candidate.resume)
  listen(signal, globalThis, 'pagehide', candidate.pause)
  listen(signal, globalThis, 'pageshow', candidate.resume)

  return {
    setTopics(next) {
      if (topics.length === 0) listener.onStatus({ state: 'connecting', since: clock.dateMs() })
      topics = next
      receivedTopics = receivedTopics.filter((topic) => next.includes(topic))
      activeTopics = leader ? next : receivedTopics
      if (leader) leader.setTopics(next)
      else sendTopics()
    },
    retryNow() {
      if (leader) leader.retryNow()
      else broadcast({ type: 'retry' })
    },
    close() {
      closed.abort()
      cancelHeartbeat?.()
      candidate.pause()
      channel.close()
    },
  }

  function broadcast(message: LeaderMessage | FollowerMessage): void {
    if (!signal.aborted) channel.postMessage({ ...message, from: tabId } satisfies Message)
  }

  function receive(message: Message): void {
    // Another tab leads. The event that its lock was stolen may reach this tab later.
    if (message.type === 'leader') resign()
    // On the plain format, a leader still delivers the last events of the former leader.
    if (leader && !(plain && message.type === 'events')) leader.receive(message)
    else if (follow(message)) receivedAt = clock.now()
  }

  function deliver(events: readonly ReceivedEvent[], nextId: string, firstNumber: number): void {
    const last = firstNumber + events.length - 1
    if (plain && last < lastNumber) return
    const unread = plain ? events.slice(Math.max(lastNumber + 1 - firstNumber, 0)) : events
    lastNumber = Math.max(lastNumber, last)
    lastEventId = nextId
    if (unread.some(({ hello }) => hello)) receivedTopics = activeTopics
    const active = unread.filter((event) => {
      const topic = event.refused?.topic ?? event.topic
      return topic === undefined || activeTopics.includes(topic)
    })
    for (const { refused } of active) if (refused) removeTopic(refused.topic)
    listener.onEvents(active, lastEventId)
  }

  /** The server refused a topic: it is requested again only when `setTopics` names it again. */
  function removeTopic(refused: string): void {
    const others = (all: readonly string[]): string[] => all.filter((topic) => topic !== refused)
    topics = others(topics)
    activeTopics = others(activeTopics)
    receivedTopics = others(receivedTopics)
  }

  function resign(): void {
    leader?.close()
    leader = undefined
    activeTopics = receivedTopics
    receivedAt = clock.now()
  }

  /** As the leader, shows that this tab is alive. As a follower, replaces a leader that is silent. */
  function heartbeat(): void {
    const timeoutMs = document.hidden ? HIDDEN_LEADER_TIMEOUT_MS : LEADER_TIMEOUT_MS
    if (leader) broadcast({ type: 'heartbeat' })
    else if (clock.now() - receivedAt > timeoutMs) candidate.steal()
    cancelHeartbeat = wait(clock, HEARTBEAT_MS * (1 + clock.random() * HEARTBEAT_JITTER), heartbeat)
  }

  /** Waits until this tab holds its lock: the leader removes a tab without a lock, because it is closed. */
  function sendTopics(): void {
    void lockHeld.then(() => {
      if (leader) return
      const missingTopics = context.missingTopics()
      broadcast({ type: 'topics', topics, missingTopics, lastEventId, lastNumber })
    })
  }
}
