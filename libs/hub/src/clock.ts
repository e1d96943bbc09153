/** Time and chance as the hub sees them, so that tests can hold both. */

export interface Clock {
  /** Milliseconds that never go back, from any start. */
  now(): number
  /** Calls back once after a time; returns how to prevent that. */
  after(delayMs: number, callback: () => void): () => void
  /** Calls back once the present tick's other work is done. */
  soon(callback: () => void): void
  /** From 0 up to but not 1. */
  random(): number
}

/** The clock of the process. Its timers keep no process alive: connections do. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs).unref()
    return () => clearTimeout(timer)
  },
  soon: (callback) => void setImmediate(callback),
  random: () => Math.random(),
}
