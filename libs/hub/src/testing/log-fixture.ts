/** The interface between the suite and a log, and helpers to call it. */
import type { EventId } from '@downlink/protocol'
import type {
  AppendOptions,
  EventLog,
  LogEntry,
  LogPage,
  TopicGapReason,
} from '../log/event-log.ts'
import { LogError } from '../log/log-error.ts'

/** Limits of the log under test. Without a limit, it must keep at least 1,000 events of 64 KiB. */
export interface LogTestLimits {
  readonly maxEvents?: number
  readonly maxBytes?: number
  readonly maxAgeMs?: number
  readonly maxEventBytes?: number
  readonly idempotencyMs?: number
}

export interface LogFixture {
  /** A new, empty log. */
  readonly log: EventLog
  /** Advances the clocks of the log. */
  readonly pass: (ms: number) => void | Promise<void>
  /** Closes the log and opens it again on the same store. Needed for `durable`. */
  readonly reopen?: () => Promise<EventLog>
  /** Opens a second log on the same store. Needed for `shared`. */
  readonly another?: () => Promise<EventLog>
}

/** Called in each test. Closes the logs after the test, with the hooks of the test runner. */
export type CreateLog = (limits: LogTestLimits) => LogFixture | Promise<LogFixture>

export const NO_LIMIT = { maxEvents: 10_000, maxBytes: 2 ** 30 }

export async function append(
  log: EventLog,
  topic: string,
  data = '',
  options?: AppendOptions & { readonly event?: string },
): Promise<EventId> {
  const { event = 'message', ...appendOptions } = options ?? {}
  return (await log.append({ topic, event, data }, appendOptions)).id
}

/** Appends sequentially. */
export async function appendAll(
  log: EventLog,
  topic: string,
  data: readonly string[],
): Promise<EventId[]> {
  const ids = []
  for (const text of data) ids.push(await append(log, topic, text))
  return ids
}

export interface ReadPage {
  readonly entries: readonly LogEntry[]
  readonly data: readonly string[]
  readonly through: number
  readonly gaps: Readonly<Record<string, TopicGapReason>>
}

export async function read(
  log: EventLog,
  position: EventId | 'start' | undefined,
  topics: readonly string[],
  limit: Parameters<EventLog['readAfter']>[2] = NO_LIMIT,
): Promise<ReadPage> {
  const page: LogPage = await log.readAfter(position ?? 'start', topics, limit)
  if (!page.ok) throw new Error(`The log answered ${page.reason} instead of a page.`)
  const { entries, through, gaps } = page
  return { entries, data: entries.map(({ data }) => data), through, gaps: Object.fromEntries(gaps) }
}

/** The error code of a rejected call, or `not rejected`. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'not rejected'
  } catch (error) {
    return error instanceof LogError ? error.code : String(error)
  }
}

export interface Recorder {
  readonly positions: readonly EventId[]
  readonly entries: readonly LogEntry[]
  /** Resolves once this many entries were received. */
  until(count: number): Promise<void>
  stop(): void
}

/** A follower that records its notifications. */
export function record(log: EventLog): Recorder {
  const positions: EventId[] = []
  const entries: LogEntry[] = []
  const waiting = new Set<() => void>()
  const stop = log.follow({
    onPosition: (position) => void positions.push(position),
    onEntries(news) {
      entries.push(...news)
      for (const check of waiting) check()
    },
  })
  return {
    positions,
    entries,
    until: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (entries.length < count) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
    stop,
  }
}
