/** Events of the network and the page. Browsers and workers have them; in Node all of these are missing. */

interface Platform {
  readonly navigator?: { readonly onLine?: boolean }
  readonly document?: EventTarget & { readonly hidden?: boolean }
  readonly addEventListener?: EventTarget['addEventListener']
}

/** False only if the platform is certain that there is no network. */
export function isOnline(): boolean {
  return (globalThis as Platform).navigator?.onLine !== false
}

/**
 * Calls back, until aborted, when the page becomes visible, the network is back, or the network is lost (`isLost`).
 */
export function listenForPageEvents(
  signal: AbortSignal,
  callback: (isLost?: boolean) => void,
): void {
  const { document } = globalThis as Platform
  listen(signal, globalThis, 'online', () => callback())
  listen(signal, globalThis, 'offline', () => callback(true))
  listen(signal, document, 'visibilitychange', () => {
    if (!document?.hidden) callback()
  })
}

/** Listens until aborted. Does nothing if the platform has no such target. */
export function listen(
  signal: AbortSignal,
  target: Platform | undefined,
  type: string,
  listener: () => void,
): void {
  target?.addEventListener?.(type, listener, { signal })
}
