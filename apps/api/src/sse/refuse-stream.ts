/**
 * How a stream is refused. A browser's EventSource gives up for good on 429 and 503, so whoever asks for an event
 * stream gets one that says when to come back, and ends; whoever does not (curl, a script) gets 503 as a problem.
 */
import { encodeRefusal, type StreamFormat } from '@downlink/hub'
import type { Context } from 'koa'
import type { Refusal } from '../operations/admission.ts'
import { Problem } from '../http/problem.ts'
import { setStreamHeaders } from './stream-headers.ts'

/** Names the reason in both forms, for clients that can read headers. */
const REFUSED_HEADER = 'Downlink-Refused'

interface Wait {
  readonly leastMs: number
  readonly mostMs: number
}

/** Everybody refused at once must not come back at once: each gets a time of its own in between. */
const WAITS: Record<Refusal, Wait> = {
  'too-many-streams': { leastMs: 15_000, mostMs: 45_000 },
  'too-many-streams-of-address': { leastMs: 15_000, mostMs: 45_000 },
  'too-many-runs': { leastMs: 5_000, mostMs: 15_000 },
  'too-many-runs-of-address': { leastMs: 5_000, mostMs: 15_000 },
  // Another process is about to take over, or has already.
  draining: { leastMs: 1_000, mostMs: 5_000 },
}

const DETAILS: Record<Refusal, string> = {
  'too-many-streams': 'This server has as many open streams as it may: come back later.',
  'too-many-streams-of-address':
    'This address has as many open streams as it may: close one first.',
  'too-many-runs': 'As many trainings are running as may: come back later.',
  'too-many-runs-of-address':
    'Too many training runs from this address. Cancel one, or try again later.',
  draining: 'This server is shutting down: come back in a moment.',
}

/** @param format - a multiplexed stream says so with `downlink.bye` too, which its client reads */
export function refuseStream(
  ctx: Context,
  refusal: Refusal,
  format: StreamFormat,
  random: () => number,
): void {
  const { leastMs, mostMs } = WAITS[refusal]
  const waitMs = Math.round(leastMs + random() * (mostMs - leastMs))
  const headers = {
    [REFUSED_HEADER]: refusal,
    'Retry-After': String(Math.ceil(waitMs / 1000)),
  }
  if (!asksForEventStream(ctx)) throw new Problem(503, DETAILS[refusal], headers)
  setStreamHeaders(ctx)
  ctx.set(headers)
  const detail = DETAILS[refusal]
  ctx.body = encodeRefusal({ format, reason: refusal, reconnectMs: waitMs, detail })
}

/** EventSource and the client library name the type; `curl` and a bare `fetch` accept anything. */
function asksForEventStream(ctx: Context): boolean {
  return ctx.get('Accept').includes('text/event-stream')
}
