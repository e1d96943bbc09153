/** Streams that were ended and whose last bytes are still under way; none of them lingers for ever. */
import type { Clock } from '../clock.ts'
import type { Sink } from '../delivery/sink.ts'

export interface Lingering {
  readonly size: number
  /** Bytes that their sinks still hold. */
  readonly bufferedBytes: number
  /** Ends a sink; it is cut where it has not closed after the grace. */
  end(sink: Sink, letGo: boolean): void
  /** The sink has closed. */
  closed(sink: Sink): void
  /** Cuts all of them now. */
  cutAll(): void
}

export function createLingering(clock: Clock, graceMs: number, onCut: () => void): Lingering {
  /** When each was ended; the first of them first. */
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
    end(sink, letGo) {
      sinks.set(sink, clock.now())
      cancel ??= clock.after(graceMs, cutOverdue)
      sink.end(letGo)
    },
    closed(sink) {
      sinks.delete(sink)
      if (sinks.size > 0) return
      cancel?.()
      cancel = undefined
    },
    cutAll: () => cut(Infinity),
  }

  function cutOverdue(): void {
    cancel = undefined
    cut(clock.now() - graceMs)
    const [nextMs] = sinks.values()
    if (nextMs !== undefined) cancel = clock.after(nextMs + graceMs - clock.now(), cutOverdue)
  }

  function cut(endedUntilMs: number): void {
    for (const [sink, endedMs] of sinks) {
      if (endedMs > endedUntilMs) break
      sinks.delete(sink)
      sink.destroy()
    }
    onCut()
  }
}
