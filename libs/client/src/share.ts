/**
 * One connection for all tabs of an origin. One tab leads: it has the connection, and hands what it receives
 * to the others over a BroadcastChannel. Each link keeps its own place and leaves out what it has had, so a
 * new leader may begin a little before the old one stopped.
 */
import { wait } from './clock.ts'
import { createConnection, type Connection, type ConnectionListener } from './connection.ts'
import { holdWhileAlive, othersHold, runForLeader } from './leadership.ts'
import type { Settings } from './link-options.ts'
import { createFollower } from './share-follower.ts'
import { createLeader, type Leader } from './share-leader.ts'
import type { FollowerMessage, LeaderMessage, Message } from './share-message.ts'
import { listen } from './wake.ts'

/** A leader is heard this often, whatever else there is to say. */
const BEAT_MS = 2_000
/** A leader that is silent for three beats is frozen, and replaced: frozen, it keeps its lock. */
const PATIENCE_MS = 3 * BEAT_MS
/** Timers of hidden tabs may run once a minute, a leader's as well as its followers'. */
const HIDDEN_PATIENCE_MS = 180_000

/**
 * Takes part in the group of tabs from the first topic wanted to the last. Without Web Locks, which only
 * secure pages have, or BroadcastChannel, the connection is this tab's own.
 */
export function createSharedConnection(
  settings: Settings,
  listener: ConnectionListener,
): Connection {
  if (!canShare()) return createConnection(settings, listener)
  const name = `downlink ${settings.url.href} ${String(settings.share)}`
  let member: Connection | undefined
  let place = settings.lastEventId

  return {
    want(topics) {
      if (topics.length === 0) {
        leave()
        listener.onStatus({ state: 'idle' })
      } else if (member) {
        member.want(topics)
      } else {
        member = join(topics)
      }
    },
    retryNow: () => member?.retryNow(),
    close: leave,
  }

  function leave(): void {
    member?.close()
    member = undefined
  }

  function join(wanted: readonly string[]): Connection {
    const { clock, random } = settings
    const me = crypto.randomUUID()
    const tabLock = (tab: string): string => `${name} ${tab}`
    const channel = new BroadcastChannel(name)
    const left = new AbortController()
    let topics = wanted
    let leader: Leader | undefined
    let heardAt = clock.now()

    const ear: ConnectionListener = {
      ...listener,
      onEvents(events, lastEventId) {
        place = lastEventId
        listener.onEvents(events, lastEventId)
      },
    }
    const follow = createFollower({ me, place: () => place, sayWant, say, listener: ear })
    const candidacy = runForLeader(name, {
      elected() {
        leader = createLeader({
          settings,
          topics,
          place,
          tabLock,
          others: () => othersHold(tabLock(''), tabLock(me)),
          say,
          listener: ear,
        })
      },
      deposed: resign,
    })
    channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
      // Another tab leads now; that the lock was stolen from this one may be told later.
      if (data.type === 'leader') resign()
      if (leader) leader.hear(data)
      else if (follow(data)) heardAt = clock.now()
    })
    listener.onStatus({ state: 'connecting', since: clock.now() })
    void holdWhileAlive(tabLock(me), left.signal).then(sayWant)
    // Followers that lose one leader do not all reach for its place in the same moment.
    let stopBeating = wait(clock, BEAT_MS, beat)
    const stopListening = listen([
      [document, 'freeze', () => candidacy.pause()],
      [document, 'resume', () => candidacy.resume()],
      [globalThis, 'pagehide', () => candidacy.pause()],
      [globalThis, 'pageshow', () => candidacy.resume()],
    ])

    return {
      want(next) {
        topics = next
        if (leader) leader.want(topics)
        else sayWant()
      },
      retryNow() {
        if (leader) leader.retryNow()
        else say({ type: 'retry' })
      },
      close() {
        say({ type: 'gone' })
        left.abort()
        stopBeating()
        stopListening()
        candidacy.pause()
        channel.close()
      },
    }

    function resign(): void {
      leader?.close()
      leader = undefined
      heardAt = clock.now()
    }

    function beat(): void {
      const patienceMs = document.visibilityState === 'hidden' ? HIDDEN_PATIENCE_MS : PATIENCE_MS
      if (leader) say({ type: 'beat' })
      else if (clock.now() - heardAt > patienceMs) candidacy.steal()
      stopBeating = wait(clock, BEAT_MS * (1 + random() / 4), beat)
    }

    function sayWant(): void {
      if (!leader) say({ type: 'want', topics, frames: listener.onFrames !== undefined, place })
    }

    function say(message: LeaderMessage | FollowerMessage): void {
      if (!left.signal.aborted) channel.postMessage({ ...message, from: me } satisfies Message)
    }
  }
}

function canShare(): boolean {
  const scope = globalThis as {
    navigator?: { locks?: unknown }
    BroadcastChannel?: unknown
    document?: unknown
  }
  return Boolean(scope.navigator?.locks && scope.BroadcastChannel && scope.document)
}
