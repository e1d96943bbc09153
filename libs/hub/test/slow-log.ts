/** A log as one over a network is: appends, reads and news each arrive some turns later, in order. */
import type { EventLog, LogEntry, LogFollower } from '../src/log/event-log.ts'

export interface SlowLog extends EventLog {
  /** Begins anew: followers are told a position in another epoch. */
  restart(): void
}

/**
 * @param delay How many turns of the microtask queue the next answer takes.
 * @param renew Makes the log that stands behind this one, anew for each restart.
 */
export function createSlowLog(delay: () => number, renew: () => EventLog): SlowLog {
  let log = renew()
  const followers = new Set<LogFollower>()
  /** News wait for those before them, as on a connection; the first is the position. */
  let news = Promise.resolve()
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
      // Pages of three, so that even short replays take several.
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
      log = renew()
      unfollow = log.follow(relay())
    },
  }

  function relay(): LogFollower {
    return {
      onPosition: (position) => tell((follower) => follower.onPosition(position)),
      onEntries: (entries: readonly LogEntry[]) => tell((follower) => follower.onEntries(entries)),
    }
  }

  function tell(call: (follower: LogFollower) => void): void {
    news = news.then(async () => {
      await turns(delay())
      for (const follower of followers) call(follower)
    })
  }
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve()
}
