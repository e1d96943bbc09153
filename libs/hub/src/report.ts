/** Reports failures that no caller can catch. Reporting never throws, because most failures come from timers. */
import type { HubOptions } from './options.ts'

export type Report = (error: unknown, topic?: string) => void

/** Reports to `onError`, by default to the console. */
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
