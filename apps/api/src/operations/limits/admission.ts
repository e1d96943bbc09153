/** Limits the number of open streams, in all and per client address. */
import type { Refusal } from './refusal.ts'

const DRAINING: Refusal = {
  reason: 'draining',
  detail: 'This server is shutting down. Try again later.',
  // Another process takes over soon or has already.
  retryMs: [1_000, 5_000],
}
const TOO_MANY_STREAMS: Refusal = {
  reason: 'too-many-streams',
  detail: 'Too many open streams (MAX_STREAMS). Try again later.',
  retryMs: [15_000, 45_000],
}
const TOO_MANY_STREAMS_OF_ADDRESS: Refusal = {
  reason: 'too-many-streams-of-address',
  detail: 'Too many open streams from this address (MAX_STREAMS_PER_ADDRESS). Close one first.',
  retryMs: [15_000, 45_000],
}

export interface AdmissionOptions {
  readonly maxStreams: number
  readonly maxStreamsPerAddress: number
  /** Reasons that the streams themselves have. They are counted from 0, like those of this file. */
  readonly refusals?: readonly Refusal[]
}

export interface Admission {
  /** Admits a stream and returns a function that ends it, to be called once; or returns a refusal. */
  enter(address: string): (() => void) | Refusal
  /** Refuses all new streams from now on. */
  drain(): void
  readonly draining: boolean
  readonly open: number
  countRefusal(refusal: Refusal): void
  /** Refusals by reason. */
  readonly refused: Readonly<Record<string, number>>
}

export function createAdmission(options: AdmissionOptions): Admission {
  const byAddress = new Map<string, number>()
  const refusals = [
    TOO_MANY_STREAMS,
    TOO_MANY_STREAMS_OF_ADDRESS,
    DRAINING,
    ...(options.refusals ?? []),
  ]
  const refused = Object.fromEntries(refusals.map(({ reason }) => [reason, 0]))
  let open = 0
  let draining = false
  return {
    enter(address) {
      if (draining) return DRAINING
      if (open >= options.maxStreams) return TOO_MANY_STREAMS
      const ofAddress = byAddress.get(address) ?? 0
      if (ofAddress >= options.maxStreamsPerAddress) return TOO_MANY_STREAMS_OF_ADDRESS
      open += 1
      byAddress.set(address, ofAddress + 1)
      let left = false
      return () => {
        if (left) return
        left = true
        open -= 1
        const remaining = (byAddress.get(address) ?? 1) - 1
        if (remaining === 0) byAddress.delete(address)
        else byAddress.set(address, remaining)
      }
    },
    drain() {
      draining = true
    },
    get draining() {
      return draining
    },
    get open() {
      return open
    },
    countRefusal({ reason }) {
      refused[reason] = (refused[reason] ?? 0) + 1
    },
    refused,
  }
}
