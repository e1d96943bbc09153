/** The hub's settings, their defaults and ranges. */
import type { Clock } from './clock.ts'
import { HubError } from './errors.ts'
import type { EventLog } from './log/event-log.ts'

export interface HubOptions {
  /** Where events are kept. Default: `createMemoryLog()`. */
  readonly log?: EventLog
  /** The longest silence on a connection, in milliseconds, 1 or more. Default 15,000. */
  readonly heartbeatMs?: number
  /**
   * The most bytes of frames that wait for one connection beyond its socket's own buffer. Default
   * 65,536. Over it, topics that are `latest` keep the newest of each event name; a reader for whom
   * that does not suffice leaves as `too-slow`. Besides, up to 16 KB and one event are pending before a
   * flush, and the socket buffers one write: what waited before (at most `maxQueuedBytes`), or one flush and
   * its high-water mark (16 KB on Node 20, 64 KB on Node 22 and later).
   */
  readonly maxQueuedBytes?: number
  /**
   * The longest a connection lives, in milliseconds; each gets 80 to 100 % of it, and `Infinity`
   * sets no limit. Default 15 minutes. Then it leaves with reason `lifetime`, seen at its next heartbeat.
   */
  readonly maxLifetimeMs?: number
  /** The reconnection time told first on every stream, in milliseconds, varied by a quarter. Default 2,000. */
  readonly retryMs?: number
  /** The most bytes that the data of one event may have. Default 65,536; more is refused. */
  readonly maxEventBytes?: number
  /**
   * How long an event may wait for others while the hub is busy, in milliseconds, or three flushes where
   * those take longer. Default 5; 0 writes once a tick. Nothing waits while it is quiet, where no other is to
   * be expected in that time, or when there are 4 KB to write.
   */
  readonly maxWindowMs?: number
  /** How long an ended stream may take to send its rest before it is cut, in milliseconds. Default 5,000. */
  readonly endGraceMs?: number
  /**
   * The most replays that read the log at once. Default 8. Others wait in order; a reader with a full socket
   * gives its place up until it takes bytes again.
   */
  readonly maxReplays?: number
  readonly clock?: Clock
  /**
   * Called with each failure that reaches no caller: a source's (with its topic), or the log's while events
   * are read back. Default: `console.warn`, which is also called with what `onError` itself throws.
   */
  readonly onError?: (error: unknown, topic?: string) => void
}

type Numbers = Required<Omit<HubOptions, 'log' | 'clock' | 'onError'>>

const DEFAULTS: Numbers = {
  heartbeatMs: 15_000,
  maxQueuedBytes: 65_536,
  maxLifetimeMs: 15 * 60_000,
  retryMs: 2_000,
  maxEventBytes: 65_536,
  maxWindowMs: 5,
  endGraceMs: 5_000,
  maxReplays: 8,
}

const MINIMA: Numbers = {
  heartbeatMs: 1,
  maxQueuedBytes: 0,
  maxLifetimeMs: 1,
  retryMs: 0,
  maxEventBytes: 1,
  maxWindowMs: 0,
  endGraceMs: 0,
  maxReplays: 1,
}

/** @throws {HubError} `invalid-option`, with its name and the least it may be. */
export function checkOptions(options: HubOptions): Numbers {
  const settings = { ...DEFAULTS }
  for (const option of Object.keys(DEFAULTS) as (keyof Numbers)[]) {
    const value = options[option] ?? DEFAULTS[option]
    checkAtLeast('createHub', option, value, MINIMA[option])
    settings[option] = value
  }
  return settings
}

/** @throws {HubError} `invalid-option` for less than the limit, and for NaN. */
export function checkAtLeast(of: string, option: string, value: number, limit: number): void {
  if (value >= limit) return
  throw new HubError(
    'invalid-option',
    `${of} cannot take ${option} = ${value}: give a number from ${limit}.`,
    { option, limit, actual: value },
  )
}
