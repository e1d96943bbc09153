/** Calls callbacks of the application, so that an exception in one callback does not affect the others. */

export type RunSafely = (callback: () => void) => void

const scope = globalThis as { readonly reportError?: (error: unknown) => void }

/** `report` receives what a callback throws. By default it is the platform's `reportError`, or `console.error`. */
export function createRunSafely(report = scope.reportError ?? console.error): RunSafely {
  return (callback) => {
    try {
      callback()
    } catch (error) {
      try {
        report(error)
      } catch (reportError) {
        console.error(reportError)
      }
    }
  }
}

/** Notifies each listener, except those that another listener removes before their turn. */
export function notifyAll<T>(
  runSafely: RunSafely,
  listeners: Set<T>,
  notify: (listener: T) => void,
): void {
  for (const listener of [...listeners]) {
    if (listeners.has(listener)) runSafely(() => notify(listener))
  }
}
