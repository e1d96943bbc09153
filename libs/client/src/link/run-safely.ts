/** Runs callbacks of the application so that what one throws harms nobody else. */

export type Isolate = (run: () => void) => void

const scope = globalThis as { readonly reportError?: (error: unknown) => void }

/** `report` gets what a callback threw: by default the platform's `reportError`, or `console.error`. */
export function createIsolate(report = scope.reportError ?? console.error): Isolate {
  return (run) => {
    try {
      run()
    } catch (error) {
      try {
        report(error)
      } catch (another) {
        console.error(another)
      }
    }
  }
}

/** Tells all who are there now, unless one of them makes another leave. */
export function tellAll<T>(isolate: Isolate, all: Set<T>, tell: (one: T) => void): void {
  for (const one of [...all]) if (all.has(one)) isolate(() => tell(one))
}
