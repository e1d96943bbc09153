/** Why a stream or a training run is refused, and when its client may retry. */

export interface Refusal {
  /** Named in headers, metrics and `downlink.bye`, such as `too-many-streams`. */
  readonly reason: string
  /** Tells a person what to do. */
  readonly detail: string
  /** Each refused client retries after a random time in this range, so that they do not all return at once. */
  readonly retryMs: readonly [min: number, max: number]
}

export function isRefusal(value: object): value is Refusal {
  return 'reason' in value && 'retryMs' in value
}

/** A random time from the range, in whole milliseconds. */
export function retryDelayMs({ retryMs: [min, max] }: Refusal, random: () => number): number {
  return Math.round(min + random() * (max - min))
}
