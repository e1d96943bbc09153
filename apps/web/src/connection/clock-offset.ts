// How far the server's clock is from ours, from a few round trips to `GET /time`.

const SAMPLES = 3

export interface ClockOffset {
  /** What to add to our clock to get the server's, in ms. */
  readonly offsetMs: number
  /** The shortest round trip seen, in ms: the offset is exact to half of it. */
  readonly roundTripMs: number
}

/** Asks three times and believes the quickest answer. Null where the API cannot say. */
export async function measureClockOffset(
  url: string,
  fetchTime: typeof fetch = fetch,
): Promise<ClockOffset | null> {
  let best: ClockOffset | null = null
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const measured = await ask(url, fetchTime)
    if (measured && (!best || measured.roundTripMs < best.roundTripMs)) best = measured
  }
  return best
}

async function ask(url: string, fetchTime: typeof fetch): Promise<ClockOffset | null> {
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
