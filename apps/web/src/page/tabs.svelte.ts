// How many tabs of this origin have the page open: each holds a lock of its own, and locks can be counted.

const PREFIX = 'downlink.tab '
const COUNT_EVERY_MS = 5000

export class Tabs {
  #count = $state.raw(1)

  get count(): number {
    return this.#count
  }

  /** Counts from now on, until the returned function is called; for `$effect`. */
  watch(): () => void {
    // Plain HTTP on another name than localhost has no locks: the page then knows of itself alone.
    const locks = (navigator as { locks?: LockManager }).locks
    if (!locks) return () => undefined
    const over = new AbortController()
    const left = new Promise<void>((resolve) =>
      over.signal.addEventListener('abort', () => resolve()),
    )
    // Where storage is forbidden, locks are too.
    locks.request(`${PREFIX}${Math.random()}`, () => left).catch(nothing)
    const count = () => {
      locks.query().then(({ held = [] }) => {
        this.#count = Math.max(1, held.filter(({ name }) => name?.startsWith(PREFIX)).length)
      }, nothing)
    }
    count()
    const timer = setInterval(count, COUNT_EVERY_MS)
    return () => {
      clearInterval(timer)
      over.abort()
    }
  }
}

function nothing(): void {}
