/** Waits for a condition by polling. */

const INTERVAL_MS = 20

/** Calls a function until it returns a value other than undefined. Resolves with undefined after the timeout. */
export async function poll<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  timeoutMs: number,
): Promise<T | undefined> {
  const endsAtMs = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined || performance.now() >= endsAtMs) return answer
    await pause(INTERVAL_MS)
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
