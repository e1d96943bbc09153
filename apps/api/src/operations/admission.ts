/** Counts open streams, in all and by client address, and says when there are enough. */

export type Refusal =
  | 'too-many-streams'
  | 'too-many-streams-of-address'
  | 'too-many-runs'
  | 'too-many-runs-of-address'
  | 'draining'

const NONE_REFUSED: Record<Refusal, number> = {
  'too-many-streams': 0,
  'too-many-streams-of-address': 0,
  'too-many-runs': 0,
  'too-many-runs-of-address': 0,
  draining: 0,
}

export interface AdmissionLimits {
  readonly maxStreams: number
  readonly maxStreamsPerAddress: number
}

export interface Admission {
  /** Takes a place, to be given back once by calling what it returns; or says why there is none. */
  enter(address: string): (() => void) | Refusal
  /** From now on everybody is refused as `draining`. */
  drain(): void
  readonly draining: boolean
  readonly open: number
  /** Counts a refusal, whoever decided it. */
  countRefusal(refusal: Refusal): void
  readonly refused: Readonly<Record<Refusal, number>>
}

export function createAdmission(limits: AdmissionLimits): Admission {
  const byAddress = new Map<string, number>()
  const refused = { ...NONE_REFUSED }
  let open = 0
  let draining = false
  return {
    enter(address) {
      if (draining) return 'draining'
      if (open >= limits.maxStreams) return 'too-many-streams'
      const ofAddress = byAddress.get(address) ?? 0
      if (ofAddress >= limits.maxStreamsPerAddress) return 'too-many-streams-of-address'
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
    countRefusal(refusal) {
      refused[refusal] += 1
    },
    refused,
  }
}
