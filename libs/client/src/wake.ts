/** What the platform tells about the network and the page, where it has such events: browsers and workers. */

export interface WakeListener {
  /** The page is looked at again, or was unfrozen: check the connection at once. */
  wake(): void
  online(): void
  offline(): void
}

/** What is read of `globalThis`: all of it is missing in Node. */
interface Platform extends Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>> {
  readonly navigator?: { readonly onLine?: boolean }
  readonly document?: EventTarget & { readonly visibilityState?: string }
}

/** False only where the platform is certain that there is no network. */
export function isOnline(): boolean {
  return platform().navigator?.onLine !== false
}

/** Listens until the returned function is called. */
export function listenForWake(listener: WakeListener): () => void {
  const { document } = platform()
  return listen([
    [platform(), 'online', () => listener.online()],
    [platform(), 'offline', () => listener.offline()],
    [platform(), 'pageshow', () => listener.wake()],
    [document, 'resume', () => listener.wake()],
    [
      document,
      'visibilitychange',
      () => document?.visibilityState === 'visible' && listener.wake(),
    ],
  ])
}

/** The page is about to stand still, and runs again. https://wicg.github.io/page-lifecycle/ */
export function listenForFreeze(on: { freeze(): void; thaw(): void }): () => void {
  const { document } = platform()
  return listen([
    [document, 'freeze', () => on.freeze()],
    [document, 'resume', () => on.thaw()],
    [platform(), 'pagehide', () => on.freeze()],
    [platform(), 'pageshow', () => on.thaw()],
  ])
}

type Listening = readonly [
  target: Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>> | undefined,
  type: string,
  listener: () => void,
]

function listen(all: readonly Listening[]): () => void {
  for (const [target, type, listener] of all) target?.addEventListener?.(type, listener)
  return () => {
    for (const [target, type, listener] of all) target?.removeEventListener?.(type, listener)
  }
}

function platform(): Platform {
  return globalThis
}
