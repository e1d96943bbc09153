/** Waits for what can only be asked for. */

const INTERVAL_MS = 20

/** Asks until the answer is not undefined; resolves with undefined when the time is over. */
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
