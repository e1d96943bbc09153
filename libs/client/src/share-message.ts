/** What tabs that share a connection say to each other over a BroadcastChannel. */
import type { LinkError } from './errors.ts'
import type { Received } from './received.ts'
import type { Core } from './share-core.ts'
import type { LinkStatus } from './status.ts'
import type { WireFrame } from './wire-frames.ts'

/** An error crosses between tabs as its facts. */
export type SentStatus =
  | Exclude<LinkStatus, { readonly state: 'failed' }>
  | { readonly state: 'failed'; readonly facts: Omit<LinkError, 'name' | 'stack' | 'cause'> }

/** What the tab that leads says. */
export type LeaderMessage =
  /** It leads from now on; the others say what they want. */
  | { readonly type: 'leader' }
  /** Nothing but that it is awake. */
  | { readonly type: 'beat' }
  /** To all, or to the one tab whose wish for these topics the connection follows from now on. */
  | {
      readonly type: 'status'
      readonly status: SentStatus
      readonly to?: string
      readonly topics?: readonly string[]
    }
  | {
      readonly type: 'events'
      /** Counts from 0, anew whenever the leader went back to an earlier place: a tab sees whether it missed one. */
      readonly number: number
      /** The place where the count began. */
      readonly since: string
      readonly events: readonly Received[]
      readonly place: string
    }
  /** Said where the tab that leads looks at the wire itself: the tabs of one application do, or do not. */
  | { readonly type: 'frame'; readonly frame: WireFrame }

/** What the others say. */
export type FollowerMessage =
  /** Which topics it reads, of which it needs the start, and how far it has read. */
  | {
      readonly type: 'want'
      readonly topics: readonly string[]
      readonly added: readonly string[]
      readonly place: string
    }
  /** It has missed what came after this place, and takes nothing until the leader went back there. */
  | { readonly type: 'behind'; readonly place: string }
  | { readonly type: 'retry' }

export type Message = (LeaderMessage | FollowerMessage) & { readonly from: string }

export function toSent(status: LinkStatus): SentStatus {
  if (status.state !== 'failed') return status
  const { message, ...facts } = status.error
  return { state: 'failed', facts: { ...facts, message } }
}

export function fromSent({ LinkError }: Core, status: SentStatus): LinkStatus {
  if (status.state !== 'failed') return status
  const { code, message, ...facts } = status.facts
  return { state: 'failed', error: new LinkError(code, message, facts) }
}
