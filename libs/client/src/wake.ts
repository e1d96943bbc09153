/** What the platform tells about the network and the page, where it has such events: browsers and workers. */

/** What is read of `globalThis`: all of it is missing in Node. */
interface Platform {
  readonly navigator?: { readonly onLine?: boolean }
  readonly document?: EventTarget & { readonly visibilityState?: string }
  readonly addEventListener?: EventTarget['addEventListener']
}

/** False only where the platform is certain that there is no network. */
export function isOnline(): boolean {
  return (globalThis as Platform).navigator?.onLine !== false
}

/** Calls back when the page is looked at again or the network is back, and when it is lost. */
export function listenForWake(onWake: () => void, onOffline: () => void): () => void {
  const { document } = globalThis as Platform
  return listen([
    [globalThis, 'online', onWake],
    [globalThis, 'offline', onOffline],
    [document, 'visibilitychange', () => document?.visibilityState === 'visible' && onWake()],
  ])
}

/** Listens to all of them, where there are such targets. Returns how to stop. */
export function listen(
  all: readonly (readonly [target: Platform | undefined, type: string, listener: () => void])[],
): () => void {
  const listening = new AbortController()
  const { signal } = listening
  for (const [target, type, listener] of all) target?.addEventListener?.(type, listener, { signal })
  return () => listening.abort()
}
