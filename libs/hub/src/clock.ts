/** The system clock, and the scheduler for what runs after the current tick; both work in any JavaScript runtime. */
import type { Clock } from '@downlink/protocol'

/** The clock of the process. Where timers can be detached (Node, Bun), they do not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  dateMs: () => Date.now(),
  after(delayMs, callback) {
    const timer: unknown = setTimeout(callback, delayMs)
    if (isDetachable(timer)) timer.unref()
    return () => clearTimeout(timer as number)
  },
  random: () => Math.random(),
}

/** Calls the callback once, after the other work of the current tick and pending I/O. */
export type AfterTick = (callback: () => void) => void

const runtime: { readonly setImmediate?: AfterTick; readonly setTimeout: unknown } = globalThis

/** `setImmediate` where the runtime has it. Elsewhere a timer, which most runtimes delay by 1 ms. */
export const afterTick: AfterTick = (callback) => {
  if (runtime.setImmediate) runtime.setImmediate(callback)
  else setTimeout(callback, 0)
}

function isDetachable(timer: unknown): timer is { unref(): void } {
  return typeof timer === 'object' && timer !== null && 'unref' in timer
}
