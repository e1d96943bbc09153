/** What the platform tells about the network and the page, where it has such events: browsers and workers. */

export interface WakeListener {
  /** The page is looked at again, or was unfrozen: check the connection at once. */
  wake(): void
  online(): void
  offline(): void
}

/** What is read of `globalThis`: all of it is missing in Node. */
interface Platform {
  readonly navigator?: { readonly onLine?: boolean }
  readonly document?: EventTarget & { readonly visibilityState?: string }
  addEventListener?(type: string, listener: () => void): void
  removeEventListener?(type: string, listener: () => void): void
}

/** False only where the platform is certain that there is no network. */
export function isOnline(): boolean {
  return platform().navigator?.onLine !== false
}

/** Listens until the returned function is called. */
export function listenForWake(listener: WakeListener): () => void {
  const { document } = platform()
  const onVisibility = (): void => {
    if (document?.visibilityState === 'visible') listener.wake()
  }
  const onWake = (): void => listener.wake()
  const onOnline = (): void => listener.online()
  const onOffline = (): void => listener.offline()

  const scope = platform()
  scope.addEventListener?.('online', onOnline)
  scope.addEventListener?.('offline', onOffline)
  scope.addEventListener?.('pageshow', onWake)
  document?.addEventListener('visibilitychange', onVisibility)
  document?.addEventListener('resume', onWake)
  return () => {
    scope.removeEventListener?.('online', onOnline)
    scope.removeEventListener?.('offline', onOffline)
    scope.removeEventListener?.('pageshow', onWake)
    document?.removeEventListener('visibilitychange', onVisibility)
    document?.removeEventListener('resume', onWake)
  }
}

function platform(): Platform {
  return globalThis
}
