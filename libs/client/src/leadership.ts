/** Who leads, by Web Locks: whoever holds the lock, until it closes, gives it up or has it stolen. */

export interface Candidacy {
  readonly leads: boolean
  /** Takes the lock from a leader that does not answer. */
  steal(): void
  /** Gives up leading and waiting, as a page does that is about to be frozen. */
  pause(): void
  /** Waits in line again. */
  resume(): void
}

/** Waits in line for `lock` at once, and again whenever leadership is lost to another. */
export function runForLeader(lock: string, on: { elected(): void; deposed(): void }): Candidacy {
  /** Ends a present wait or leadership. */
  let withdraw: (() => void) | undefined
  let leads = false
  run({})

  return {
    get leads() {
      return leads
    },
    steal: () => run({ steal: true }),
    pause() {
      withdraw?.()
      depose()
    },
    resume() {
      if (withdraw === undefined) run({})
    },
  }

  function run(how: { steal?: boolean }): void {
    withdraw?.()
    const waiting = new AbortController()
    withdraw = () => {
      waiting.abort()
      withdraw = undefined
    }
    // A request that steals is granted at once and takes no signal.
    const options = how.steal === true ? { steal: true } : { signal: waiting.signal }
    const lead = (): Promise<void> => {
      if (waiting.signal.aborted) return Promise.resolve()
      leads = true
      const over = new Promise<void>((resolve) =>
        waiting.signal.addEventListener('abort', () => resolve()),
      )
      on.elected()
      return over
    }
    navigator.locks.request(lock, options, lead).catch(() => {
      // Either it was withdrawn from the line, which is over then, or the lock was stolen.
      if (waiting.signal.aborted) return
      withdraw = undefined
      depose()
      run({})
    })
  }

  function depose(): void {
    if (!leads) return
    leads = false
    on.deposed()
  }
}

/** Holds a lock until the signal is aborted, or the page is gone: others can wait for that. Resolves once it is held. */
export function holdWhileAlive(lock: string, signal: AbortSignal): Promise<void> {
  return new Promise((held) => {
    void navigator.locks.request(lock, () => {
      held()
      return new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve())
      })
    })
  })
}

/** Whether anybody holds a lock whose name begins so, other than the one lock of ours. */
export async function othersHold(prefix: string, ours: string): Promise<boolean> {
  const { held = [] } = await navigator.locks.query()
  return held.some(({ name }) => name?.startsWith(prefix) === true && name !== ours)
}

/** Calls back once nobody holds the lock any more, unless the signal is aborted before. */
export function whenGone(lock: string, signal: AbortSignal, gone: () => void): void {
  navigator.locks.request(lock, { signal }, gone).catch(() => undefined)
}
