/** A log with the latency of a network: appends, reads and notifications arrive some microtasks later, in order. */
import type { EventLog, LogEntry, LogFollower } from '../src/log/event-log.ts'

export interface SlowLog extends EventLog {
  /** Replaces the underlying log with a new one; followers are told its position. */
  restart(): void
}

/**
 * @param delay How many microtasks the next answer takes.
 * @param create Creates the underlying log, again for each restart.
 */
export function createSlowLog(delay: () => number, create: () => EventLog): SlowLog {
  let log = create()
  const followers = new Set<LogFollower>()
  /** Notifications arrive in order, as on a connection; the first is the position. */
  let notified = Promise.resolve()
  let unfollow = log.follow(relay())

  return {
    append: async (event, options) => {
      await turns(delay())
      const appended = await log.append(event, options)
      await turns(delay())
      return appended
    },
    readAfter: async (position, topics, limit) => {
      await turns(delay())
      // Pages of three entries, so that even a short catch-up takes several.
      const page = await log.readAfter(position, topics, { ...limit, maxEvents: 3 })
      await turns(delay())
      return page
    },
    latest: async (topics) => {
      await turns(delay())
      const entries = await log.latest(topics)
      await turns(delay())
      return entries
    },
    now: () => log.now(),
    follow(follower) {
      followers.add(follower)
      return () => followers.delete(follower)
    },
    lease: (name, ttlMs) => log.lease(name, ttlMs),
    forget: (topic) => log.forget(topic),
    close: () => log.close(),
    restart() {
      unfollow()
      log = create()
      unfollow = log.follow(relay())
    },
  }

  function relay(): LogFollower {
    return {
      onPosition: (position) => notifyAll((follower) => follower.onPosition(position)),
      onEntries: (entries: readonly LogEntry[]) =>
        notifyAll((follower) => follower.onEntries(entries)),
    }
  }

  function notifyAll(call: (follower: LogFollower) => void): void {
    notified = notified.then(async () => {
      await turns(delay())
      for (const follower of followers) call(follower)
    })
  }
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve()
}
