// The number of open tabs with this page: each tab holds a lock of its own, and the locks are counted.

const PREFIX = 'downlink.tab '
const COUNT_EVERY_MS = 5000

export class Tabs {
  #count = $state.raw(1)

  get count(): number {
    return this.#count
  }

  /** Counts the tabs until the returned function is called; for `$effect`. */
  watch(): () => void {
    // Without HTTPS, only localhost has locks. The page then counts itself only.
    const locks = (navigator as { locks?: LockManager }).locks
    if (!locks) return () => undefined
    const controller = new AbortController()
    const aborted = new Promise<void>((resolve) =>
      controller.signal.addEventListener('abort', () => resolve()),
    )
    // Rejects where storage is forbidden, which forbids locks too.
    locks.request(`${PREFIX}${Math.random()}`, () => aborted).catch(ignore)
    const count = () => {
      locks.query().then(({ held = [] }) => {
        this.#count = Math.max(1, held.filter(({ name }) => name?.startsWith(PREFIX)).length)
      }, ignore)
    }
    count()
    const timer = setInterval(count, COUNT_EVERY_MS)
    return () => {
      clearInterval(timer)
      controller.abort()
    }
  }
}

function ignore(): void {}
