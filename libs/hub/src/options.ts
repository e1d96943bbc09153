/** The settings of a hub, their defaults and ranges. */
import type { Clock } from '@downlink/protocol'
import type { AfterTick } from './clock.ts'
import { HubError } from './errors.ts'
import type { EventLog } from './log/event-log.ts'

export interface HubOptions {
  /** Where events are kept. Default: `createMemoryLog()`. */
  readonly log?: EventLog
  /** The longest silence on a connection, in milliseconds, 1 or more. Default 15,000. */
  readonly heartbeatMs?: number
  /**
   * The most bytes of frames that are queued for one connection, not counting its socket's own buffer. Default 65,536.
   * Above it, topics that conflate keep the newest event of each name; if that is not enough, the subscriber leaves as
   * `too-slow`. In addition, up to 16 KB and one event are pending before a flush, and the socket buffers one write: a
   * queue (at most `maxQueuedBytes`), or one flush and its high-water mark (16 KB on Node 20, 64 KB on Node 22 and
   * later).
   */
  readonly maxQueuedBytes?: number
  /**
   * The longest lifetime of a connection, in milliseconds. Default 15 minutes; `Infinity` sets no limit. Each connection
   * gets 80 to 100 % of it. Then the subscriber leaves as `lifetime`, at its next heartbeat.
   */
  readonly maxLifetimeMs?: number
  /** The reconnection time that is sent first on every stream, in milliseconds, ± 25 %. Default 2,000. */
  readonly retryMs?: number
  /** The most bytes of the data of one event. Default 65,536; `publish` rejects more. */
  readonly maxEventBytes?: number
  /**
   * How long an event may wait for others while the hub is busy, in milliseconds, or for three flushes if those take
   * longer. Default 5; 0 writes once per tick. Events do not wait while the hub is quiet, if no other event is expected
   * in that time, or if there are 4 KB to write.
   */
  readonly maxWindowMs?: number
  /** How long an ended stream may take to send what is buffered before it is destroyed, in milliseconds. Default 5,000. */
  readonly endGraceMs?: number
  /**
   * The most subscribers that read the log at the same time. Default 8. The others wait in order of arrival; a
   * subscriber whose sink is blocked does not count until it accepts bytes again.
   */
  readonly maxCatchUps?: number
  /** For tests. Default: `systemClock`. */
  readonly clock?: Clock
  /** For tests: schedules what runs after the current tick. Default: `afterTick`. */
  readonly afterTick?: AfterTick
  /**
   * Called with each failure that no caller can catch: that of a source (with its topic), or of the log while events are
   * read. Default: `console.warn`, which is also called with what `onError` itself throws.
   */
  readonly onError?: (error: unknown, topic?: string) => void
}

type Numbers = Required<Omit<HubOptions, 'log' | 'clock' | 'afterTick' | 'onError'>>

const DEFAULTS: Numbers = {
  heartbeatMs: 15_000,
  maxQueuedBytes: 65_536,
  maxLifetimeMs: 15 * 60_000,
  retryMs: 2_000,
  maxEventBytes: 65_536,
  maxWindowMs: 5,
  endGraceMs: 5_000,
  maxCatchUps: 8,
}

const MINIMA: Numbers = {
  heartbeatMs: 1,
  maxQueuedBytes: 0,
  maxLifetimeMs: 1,
  retryMs: 0,
  maxEventBytes: 1,
  maxWindowMs: 0,
  endGraceMs: 0,
  maxCatchUps: 1,
}

/** @throws {HubError} `invalid-option`, with the option's name and its minimum. */
export function normalizeOptions(options: HubOptions): Numbers {
  const settings = { ...DEFAULTS }
  for (const option of Object.keys(DEFAULTS) as (keyof Numbers)[]) {
    const value = options[option] ?? DEFAULTS[option]
    checkAtLeast('createHub', option, value, MINIMA[option])
    settings[option] = value
  }
  return settings
}

/** @throws {HubError} `invalid-option` for less than the limit, and for NaN. */
export function checkAtLeast(caller: string, option: string, value: number, limit: number): void {
  if (value >= limit) return
  throw new HubError(
    'invalid-option',
    `${caller} cannot take ${option} = ${value}: give a number of at least ${limit}.`,
    { option, limit, actual: value },
  )
}
