/** Runs callbacks of the application so that what one throws harms nobody else. */

export type Isolate = <Arguments extends unknown[]>(
  callback: ((...args: Arguments) => void) | undefined,
  ...args: Arguments
) => void

/** `report` gets what a callback threw: by default the platform's `reportError`, or `console.error`. */
export function createIsolate(report: (error: unknown) => void = reportUncaught): Isolate {
  return (callback, ...args) => {
    try {
      callback?.(...args)
    } catch (error) {
      report(error)
    }
  }
}

function reportUncaught(error: unknown): void {
  const scope = globalThis as { reportError?: (error: unknown) => void }
  if (scope.reportError) scope.reportError(error)
  else console.error(error)
}
