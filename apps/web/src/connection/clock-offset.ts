// The offset of the server's clock from the browser's, measured with requests to `GET /time`.

const SAMPLES = 3

export interface ClockOffset {
  /** Server's clock minus browser's clock, in ms. */
  readonly offsetMs: number
  /** The shortest round trip measured, in ms. The error of the offset is at most half of it. */
  readonly roundTripMs: number
}

/** Measures three times and returns the result with the shortest round trip; null if the API does not answer. */
export async function measureClockOffset(
  url: string,
  fetchTime: typeof fetch = fetch,
): Promise<ClockOffset | null> {
  let best: ClockOffset | null = null
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const measured = await measureOnce(url, fetchTime)
    if (measured && (!best || measured.roundTripMs < best.roundTripMs)) best = measured
  }
  return best
}

async function measureOnce(url: string, fetchTime: typeof fetch): Promise<ClockOffset | null> {
  try {
    const sentAt = Date.now()
    const started = performance.now()
    const response = await fetchTime(url, { cache: 'no-store' })
    const roundTripMs = performance.now() - started
    const body: unknown = await response.json()
    const now = typeof body === 'object' && body !== null && 'now' in body ? body.now : null
    if (!response.ok || typeof now !== 'number') return null
    return { offsetMs: now - (sentAt + roundTripMs / 2), roundTripMs }
  } catch {
    return null
  }
}
