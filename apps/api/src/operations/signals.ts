/** Ends the process on a signal: the first signal closes the server, and a second one exits at once. */
import type { EventEmitter } from 'node:events'
import { constants } from 'node:os'

type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

export interface StopOptions {
  /** The process, or an emitter in its place. */
  readonly source: Pick<EventEmitter, 'on'>
  /** Called once. Without `windowMs` the configured drain window applies. */
  readonly close: (windowMs?: number) => Promise<void>
  readonly exit: (code: number) => void
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** The same signal within this time of the first counts as one; 0: every signal counts. */
  readonly repeatMs: number
}

/** Ctrl-C ends streams at once; SIGTERM and SIGHUP end them over the drain window. */
export function stopOnSignals({ source, close, exit, now, repeatMs }: StopOptions): void {
  let first: { readonly signal: StopSignal; readonly atMs: number } | undefined

  source.on('SIGTERM', () => stop('SIGTERM'))
  source.on('SIGHUP', () => stop('SIGHUP'))
  source.on('SIGINT', () => stop('SIGINT', 0))

  function stop(signal: StopSignal, windowMs?: number): void {
    if (first === undefined) {
      first = { signal, atMs: now() }
      void close(windowMs).then(() => exit(0))
    } else if (signal !== first.signal || now() - first.atMs >= repeatMs) {
      exit(128 + constants.signals[signal])
    }
  }
}
