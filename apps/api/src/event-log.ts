/** The event log that `EVENT_LOG` selects. */
import { createMemoryLog, type EventLog } from '@downlink/hub'
import { createLmdbLog } from '@downlink/log-lmdb'
import type { Config } from './config.ts'
import { StartError } from './errors.ts'
import type { StreamEntry } from './streams/stream-entry.ts'

/** Events that the log keeps for all streams: more than half an hour of one-second events on three topics. */
const KEPT_EVENTS = 20_000
const MAX_AGE_MS = 30 * 60_000
const MAX_BYTES = 64 * 2 ** 20

/** @throws StartError `cannot-open` with one line that says what to do */
export async function openEventLog(
  { EVENT_LOG, ofStreams }: Config,
  streams: readonly StreamEntry[],
): Promise<EventLog> {
  const kept = streams.map((entry) => entry.keptEvents?.(ofStreams) ?? 0)
  const limits = {
    maxEvents: kept.reduce((sum, events) => sum + events, KEPT_EVENTS),
    maxBytes: MAX_BYTES,
    maxAgeMs: MAX_AGE_MS,
  }
  if (EVENT_LOG.kind === 'memory') return createMemoryLog(limits)
  try {
    return await createLmdbLog({ path: EVENT_LOG.path, ...limits })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartError('cannot-open', 'EVENT_LOG', `The event log cannot be opened: ${reason}`)
  }
}
