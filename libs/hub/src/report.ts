/** Reports failures that reach no caller. Reporting never throws: most failures come from timers. */
import type { HubOptions } from './options.ts'

export type Report = (error: unknown, topic?: string) => void

/** Reports to `onError`, or on the console without one. */
export function createReporter(onError: HubOptions['onError'] = warn): Report {
  return (error, topic) => {
    try {
      onError(error, topic)
    } catch (thrown) {
      warn(error, topic)
      warn(thrown)
    }
  }
}

function warn(error: unknown, topic?: string): void {
  const where = topic === undefined ? 'A hub failed' : `The source of ${topic} failed`
  console.warn(`@downlink/hub: ${where}:`, error)
}
