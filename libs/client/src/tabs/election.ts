/** Who leads, by Web Locks: whoever holds the lock, until it closes, gives it up or has it stolen. */

export interface Candidacy {
  /** Takes the lock from a leader that does not answer. */
  steal(): void
  /** Gives up leading and waiting, as a page does that is about to be frozen. */
  readonly pause: () => void
  /** Waits in line again. */
  readonly resume: () => void
}

/**
 * Waits in line for `lock` at once, and again whenever leadership is lost to another, after a `rest`: it calls
 * back, unless what it returns is called before. `onEnd` is called for each end of a wait too.
 */
export function runForLeader(
  lock: string,
  rest: (run: () => void) => () => void,
  onElected: () => void,
  onEnd: () => void,
): Candidacy {
  /** Ends a present wait, leadership or rest. */
  let withdraw: (() => void) | undefined
  run()

  return {
    steal: () => run(true),
    pause() {
      withdraw?.()
      withdraw = undefined
      onEnd()
    },
    resume() {
      if (!withdraw) run()
    },
  }

  function run(steal = false): void {
    withdraw?.()
    const waiting = new AbortController()
    const { signal } = waiting
    const over = untilAborted(signal)
    withdraw = () => waiting.abort()
    // A request that steals is granted at once and takes no signal.
    navigator.locks
      .request(lock, steal ? { steal } : { signal }, () => {
        if (!signal.aborted) onElected()
        return over
      })
      .catch(() => {
        // Either it was withdrawn from the line, which is over then, or the lock was stolen, or refused for now.
        if (signal.aborted) return
        onEnd()
        withdraw = rest(run)
      })
  }
}

/** Holds a lock until the signal is aborted, or the page is gone: others can wait for that. Resolves once it is held. */
export function holdWhileAlive(lock: string, signal: AbortSignal): Promise<void> {
  const over = untilAborted(signal)
  return new Promise((held) => {
    void navigator.locks.request(lock, () => {
      held()
      return over
    })
  })
}

/** Whether anybody holds a lock whose name begins so, other than the one lock of ours. */
export async function othersHold(prefix: string, ours: string): Promise<boolean> {
  const { held = [] } = await navigator.locks.query()
  return held.some(({ name = '' }) => name.startsWith(prefix) && name !== ours)
}

/** Calls back once nobody holds the lock any more, unless the signal is aborted before. */
export function whenGone(lock: string, signal: AbortSignal, gone: () => void): void {
  navigator.locks.request(lock, { signal }, gone).catch(() => undefined)
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
}
