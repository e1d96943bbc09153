/**
 * One connection for all tabs of an origin. One tab leads: it has the connection, and hands what it receives
 * to the others over a BroadcastChannel. Each link keeps its own place and leaves out what it has had, so a
 * new leader may begin a little before the old one stopped.
 */
import type { Connection, ConnectionListener } from '../connection/connection.ts'
import { holdWhileAlive, runForLeader } from './election.ts'
import type { Settings } from '../options.ts'
import type { Core } from './core.ts'
import { createFollower } from './follower.ts'
import type { Group } from './tab-context.ts'
import { createLeader, type Leader } from './leader.ts'
import { parseMessage, type Message } from './messages.ts'
import type { Received } from '../connection/received.ts'

/** Of the messages between tabs: counts up with each change of theirs. */
const MESSAGES_VERSION = 2
/** A leader is heard this often, whatever else there is to say; a tab asks as often for a lock that it is refused. */
const BEAT_MS = 2_000
/** A leader that is silent for three beats is frozen, and replaced: frozen, it keeps its lock. */
const PATIENCE_MS = 3 * BEAT_MS
/** Timers of hidden tabs may run once a minute, a leader's as well as its followers'. */
const HIDDEN_PATIENCE_MS = 180_000

/**
 * How to make a connection that tabs share. Without Web Locks, which only secure pages have and pages without storage are
 * denied, or BroadcastChannel, it is this tab's own.
 */
export async function sharing(core: Core): Promise<Core['createConnection']> {
  try {
    await navigator.locks.query()
    if ('BroadcastChannel' in globalThis && 'document' in globalThis)
      return (...given) => join(core, ...given)
  } catch {
    // There are no locks, or this page is denied them.
  }
  return core.createConnection
}

/** Takes part in the group of tabs until it is closed. */
function join(core: Core, settings: Settings, outer: ConnectionListener): Connection {
  const { clock, url, share, format = 'multiplexed' } = settings
  const plain = format === 'plain'
  const me = crypto.randomUUID()
  // During a deploy, tabs with another version of the messages share a connection of their own.
  const name = [`downlink/${MESSAGES_VERSION}`, format, url, share].join(' ')
  const channel = new BroadcastChannel(name)
  const left = new AbortController()
  const { signal } = left
  let place = settings.lastEventId
  /** The number of the last event that was taken. */
  let count = 0
  let topics: readonly string[] = []
  /** Those of them that the connection asks for on behalf of this tab too: events of others would come too early. */
  let granted = topics
  /** Those whose start was received. */
  let had = topics
  let leader: Leader | undefined
  let heardAt = clock.now()
  const group: Group = {
    core,
    settings,
    me,
    listener: outer,
    take,
    place: () => place,
    count: () => count,
    get added() {
      return topics.filter((topic) => !had.includes(topic))
    },
    grant: (asked) => (granted = asked),
    tabLock: (tab) => `${name} ${tab}`,
    say(message) {
      if (!signal.aborted) channel.postMessage({ ...message, from: me } satisfies Message)
    },
  }
  const { say } = group
  const follow = createFollower(group, sayWant)
  const candidacy = runForLeader(
    name,
    (run) => core.wait(clock, BEAT_MS, run),
    () => {
      granted = topics
      leader = createLeader(group, topics)
    },
    resign,
  )
  const held = holdWhileAlive(group.tabLock(me), signal)
  channel.onmessage = (event: MessageEvent<unknown>) => {
    // Any page of the origin may send anything.
    const data = parseMessage(event.data)
    if (!data) return
    // Another tab leads now; that the lock was stolen from this one may be told later.
    if (data.type === 'leader') resign()
    if (leader && !(plain && data.type === 'events')) leader.hear(data)
    else if (follow(data)) heardAt = clock.now()
  }
  let stopBeating: (() => void) | undefined
  beat()
  core.listen(signal, document, 'freeze', candidacy.pause)
  core.listen(signal, document, 'resume', candidacy.resume)
  core.listen(signal, globalThis, 'pagehide', candidacy.pause)
  core.listen(signal, globalThis, 'pageshow', candidacy.resume)

  return {
    want(next) {
      if (topics.length === 0) outer.onStatus({ state: 'connecting', since: clock.dateMs() })
      topics = next
      had = had.filter((topic) => next.includes(topic))
      granted = leader ? next : had
      if (leader) leader.want(next)
      else sayWant()
    },
    retryNow() {
      if (leader) leader.retryNow()
      else say({ type: 'retry' })
    },
    close() {
      left.abort()
      stopBeating?.()
      candidacy.pause()
      channel.close()
    },
  }

  function take(events: readonly Received[], lastEventId: string, first: number): void {
    const last = first + events.length - 1
    if (plain && last < count) return
    const unread = plain ? events.slice(Math.max(count + 1 - first, 0)) : events
    count = Math.max(count, last)
    place = lastEventId
    if (unread.some(({ hello }) => hello)) had = granted
    const mine = unread.filter((one) => {
      const topic = one.refused?.topic ?? one.topic
      return topic === undefined || granted.includes(topic)
    })
    for (const { refused } of mine) if (refused) forget(refused.topic)
    outer.onEvents(mine, lastEventId)
  }

  /** The server refused a topic: it is asked for again only where it is wanted anew. */
  function forget(refused: string): void {
    const others = (all: readonly string[]): string[] => all.filter((topic) => topic !== refused)
    topics = others(topics)
    granted = others(granted)
    had = others(had)
  }

  function resign(): void {
    leader?.close()
    leader = undefined
    granted = had
    heardAt = clock.now()
  }

  function beat(): void {
    const patienceMs = document.hidden ? HIDDEN_PATIENCE_MS : PATIENCE_MS
    if (leader) say({ type: 'beat' })
    else if (clock.now() - heardAt > patienceMs) candidacy.steal()
    // Followers that lose one leader do not all reach for its place in the same moment.
    stopBeating = core.wait(clock, BEAT_MS * (1 + clock.random() / 4), beat)
  }

  /** Said once this tab holds its lock: the leader takes one without it for a tab that has gone. */
  function sayWant(): void {
    void held.then(() => {
      if (!leader) say({ type: 'want', topics, added: group.added, place, count })
    })
  }
}
