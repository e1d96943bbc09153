/** Sources: each runs while its topic has subscribers. */
import type { Clock, EventInput, EventName, Stream } from '@downlink/protocol'
import { HubError } from '../errors.ts'

export interface SourceControls<S extends Stream> {
  /** Aborted `lingerMs` after the last subscriber has left, when the source has failed, or when the hub closes. */
  readonly signal: AbortSignal
  /**
   * Publishes to the source's own topic; does nothing once aborted. Never throws: if `Hub.publish`
   * rejects, the source has failed. The failure is reported, and the source is aborted and restarted.
   */
  readonly publish: <E extends EventName<S>>(event: E, data: EventInput<S, E>) => void
}

/**
 * Runs until its signal aborts, or until it returns. A source fails when it throws, rejects or publishes what the hub
 * rejects, also from a timer: the failure is reported to `onError`, once, the signal aborts, and the source is restarted
 * after `restartMs` if its topic has subscribers.
 */
export type Source<S extends Stream> = (controls: SourceControls<S>) => void | Promise<void>

export interface SourceOptions {
  /** How long it continues after its last subscriber has left, in milliseconds. Default 0. */
  readonly lingerMs?: number
  /** The delay before a source that failed is restarted, in milliseconds. Default 1,000. */
  readonly restartMs?: number
}

export interface Sources {
  add<S extends Stream>(
    stream: S,
    source: Source<S>,
    options: SourceOptions,
    subscriberCount: number,
  ): () => void
  /** The number of a topic's subscribers has changed. */
  subscriberCountChanged(topic: string, subscriberCount: number): void
  stopAll(): void
}

interface Entry {
  subscriberCount: number
  running: AbortController | undefined
  /** Cancels the scheduled stop or restart. */
  cancelDue: (() => void) | undefined
  readonly start: () => void
  readonly lingerMs: number
}

const RESTART_MS = 1_000

export function createSources(
  clock: Clock,
  publish: <S extends Stream, E extends EventName<S>>(
    stream: S,
    event: E,
    data: EventInput<S, E>,
  ) => Promise<unknown>,
  onError: (error: unknown, topic: string) => void,
): Sources {
  const entries = new Map<string, Entry>()

  return {
    add(stream, source, { lingerMs = 0, restartMs = RESTART_MS }, subscriberCount) {
      const { topic } = stream
      if (entries.has(topic)) {
        throw new HubError(
          'source-exists',
          `${topic} has a source already. Remove it first, or publish from the existing one.`,
          { topic },
        )
      }
      const entry: Entry = {
        subscriberCount,
        running: undefined,
        cancelDue: undefined,
        start,
        lingerMs,
      }
      entries.set(topic, entry)
      if (subscriberCount > 0) start()
      return () => {
        if (entries.get(topic) === entry) entries.delete(topic)
        stop(entry)
      }

      function start(): void {
        const running = new AbortController()
        entry.running = running
        const { signal } = running
        let hasFailed = false
        runSafely(() =>
          source({
            signal,
            publish(event, data) {
              if (!signal.aborted) publish(stream, event, data).catch(fail)
            },
          }),
        ).catch((error: unknown) => {
          // A source that was stopped may end with any error, such as its signal's.
          if (!signal.aborted) fail(error)
        })

        /** Reports the first failure; the events published in the same tick may all be rejected. */
        function fail(error: unknown): void {
          if (hasFailed) return
          hasFailed = true
          onError(error, topic)
          // An event may be rejected after the source was stopped: there is nothing to restart.
          if (signal.aborted) return
          running.abort(error)
          entry.cancelDue?.()
          entry.cancelDue = clock.after(restartMs, () => {
            entry.cancelDue = undefined
            if (entry.subscriberCount > 0) start()
            else entry.running = undefined
          })
        }
      }
    },
    subscriberCountChanged(topic, subscriberCount) {
      const entry = entries.get(topic)
      if (!entry) return
      const before = entry.subscriberCount
      entry.subscriberCount = subscriberCount
      if (subscriberCount > 0 && before === 0) {
        if (entry.running && !entry.running.signal.aborted) {
          entry.cancelDue?.()
          entry.cancelDue = undefined
        } else if (!entry.cancelDue) entry.start()
      }
      if (subscriberCount === 0 && before > 0 && entry.running && !entry.running.signal.aborted) {
        if (entry.lingerMs === 0) stop(entry)
        else entry.cancelDue = clock.after(entry.lingerMs, () => stop(entry))
      }
    },
    stopAll() {
      for (const entry of entries.values()) stop(entry)
      entries.clear()
    },
  }
}

function stop(entry: Entry): void {
  entry.cancelDue?.()
  entry.cancelDue = undefined
  entry.running?.abort()
  entry.running = undefined
}

/** Turns a throw into a rejection, so that a failing source does not affect its caller. */
async function runSafely(source: () => void | Promise<void>): Promise<void> {
  await source()
}
