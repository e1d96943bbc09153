/** Sinks that were ended and still send their last bytes. Each is destroyed if that takes too long. */
import type { Clock } from '@downlink/protocol'
import type { EndOptions, Sink } from '../delivery/sink.ts'

export interface ClosingSinks {
  readonly size: number
  /** Bytes that these sinks still hold. */
  readonly bufferedBytes: number
  /** Ends a sink, and destroys it if it has not closed within the grace. */
  end(sink: Sink, options: EndOptions): void
  /** The sink has closed. */
  remove(sink: Sink): void
  destroyAll(): void
}

export function createClosingSinks(
  clock: Clock,
  graceMs: number,
  onDestroyed: () => void,
): ClosingSinks {
  /** When each sink was ended, the earliest first. */
  const sinks = new Map<Sink, number>()
  let cancel: (() => void) | undefined

  return {
    get size() {
      return sinks.size
    },
    get bufferedBytes() {
      let bytes = 0
      for (const sink of sinks.keys()) bytes += sink.bufferedBytes
      return bytes
    },
    end(sink, options) {
      sinks.set(sink, clock.now())
      cancel ??= clock.after(graceMs, destroyOverdue)
      sink.end(options)
    },
    remove(sink) {
      sinks.delete(sink)
      if (sinks.size > 0) return
      cancel?.()
      cancel = undefined
    },
    destroyAll: () => destroyEndedUntil(Infinity),
  }

  function destroyOverdue(): void {
    cancel = undefined
    destroyEndedUntil(clock.now() - graceMs)
    const [nextMs] = sinks.values()
    if (nextMs !== undefined) cancel = clock.after(nextMs + graceMs - clock.now(), destroyOverdue)
  }

  function destroyEndedUntil(endedMs: number): void {
    for (const [sink, sinkEndedMs] of sinks) {
      if (sinkEndedMs > endedMs) break
      sinks.delete(sink)
      sink.destroy()
    }
    onDestroyed()
  }
}
