/** Leader election by Web Locks: the leader holds a lock until it closes, gives the lock up or another tab steals it. */

export interface Candidate {
  /** Takes the lock from a leader that does not respond. */
  steal(): void
  /** Gives up the lock, or the wait for it, before the page is frozen. */
  readonly pause: () => void
  /** Waits for the lock again. */
  readonly resume: () => void
}

/**
 * Waits for the lock, and calls `onElected` once it is granted. When the lock is refused or stolen, calls `onEnd` and
 * waits for the lock again after `delay`, which returns a function that cancels. `pause()` calls `onEnd` too.
 */
export function joinElection(
  lock: string,
  delay: (callback: () => void) => () => void,
  onElected: () => void,
  onEnd: () => void,
): Candidate {
  /** Ends the wait, the leadership or the delay. Undefined while paused. */
  let withdraw: (() => void) | undefined
  request()

  return {
    steal: () => request(true),
    pause() {
      withdraw?.()
      withdraw = undefined
      onEnd()
    },
    resume() {
      if (!withdraw) request()
    },
  }

  function request(steal = false): void {
    withdraw?.()
    const attempt = new AbortController()
    const { signal } = attempt
    const released = untilAborted(signal)
    withdraw = () => attempt.abort()
    // A request that steals is granted immediately and takes no signal.
    navigator.locks
      .request(lock, steal ? { steal } : { signal }, () => {
        if (!signal.aborted) onElected()
        return released
      })
      .catch(() => {
        // If this tab did not withdraw, the lock was stolen, or the browser refused it for now.
        if (signal.aborted) return
        onEnd()
        withdraw = delay(request)
      })
  }
}

/** Holds a lock until the signal is aborted or the page is gone, so that other tabs notice. Resolves once the lock is held. */
export function holdWhileAlive(lock: string, signal: AbortSignal): Promise<void> {
  const released = untilAborted(signal)
  return new Promise((resolve) => {
    void navigator.locks.request(lock, () => {
      resolve()
      return released
    })
  })
}

/** Whether another tab holds a lock whose name starts with `prefix`. `ownLock` does not count. */
export async function othersHold(prefix: string, ownLock: string): Promise<boolean> {
  const { held = [] } = await navigator.locks.query()
  return held.some(({ name = '' }) => name.startsWith(prefix) && name !== ownLock)
}

/** Calls back once no tab holds the lock, unless the signal is aborted first. */
export function whenReleased(lock: string, signal: AbortSignal, callback: () => void): void {
  navigator.locks.request(lock, { signal }, callback).catch(() => undefined)
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
}
