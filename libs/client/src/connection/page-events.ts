/** What the platform tells about the network and the page, where it has such events: browsers and workers. */

/** What is read of `globalThis`: all of it is missing in Node. */
interface Platform {
  readonly navigator?: { readonly onLine?: boolean }
  readonly document?: EventTarget & { readonly hidden?: boolean }
  readonly addEventListener?: EventTarget['addEventListener']
}

/** False only where the platform is certain that there is no network. */
export function isOnline(): boolean {
  return (globalThis as Platform).navigator?.onLine !== false
}

/** Calls back, until aborted, when the page is looked at again, the network is back, or `isLost`. */
export function listenForWake(signal: AbortSignal, onWake: (isLost?: boolean) => void): void {
  const { document } = globalThis as Platform
  listen(signal, globalThis, 'online', () => onWake())
  listen(signal, globalThis, 'offline', () => onWake(true))
  listen(signal, document, 'visibilitychange', () => {
    if (!document?.hidden) onWake()
  })
}

/** Listens until aborted, where there is such a target. */
export function listen(
  signal: AbortSignal,
  target: Platform | undefined,
  type: string,
  listener: () => void,
): void {
  target?.addEventListener?.(type, listener, { signal })
}
