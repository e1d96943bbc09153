/** The first step of a catch-up: decides whether the client resumes, and what it is sent before live events. */
import type { ResumeOutcome } from '@downlink/protocol'
import { carries } from '../delivery/subscriber.ts'
import type { LogEntry, LogPage } from '../log/event-log.ts'
import type { Attempt } from './attempt.ts'
import type { GapReason, ResumePoint } from './resume-point.ts'
import { topicsWith, type TopicRequest } from './topic-request.ts'

export interface CatchUpPlan {
  readonly outcome: ResumeOutcome
  /** Why there is a gap. */
  readonly gapReason: GapReason | undefined
  /** The position for hello: all that the client is sent comes after it. */
  readonly helloSeq: number
  /** Final events that the client has already. */
  readonly knownFinalEvents: readonly LogEntry[]
  /** Latest values and final events, to be sent in the order of the log among the events that are read from it. */
  readonly extra: readonly LogEntry[]
  /** What to read from the log, in order. */
  readonly reads: readonly LogRead[]
}

/** The events of these topics after the subscriber's cursor, up to and including a seq. */
export interface LogRead {
  readonly topics: readonly string[]
  readonly upToSeq: number
  /** The first page, if it was read already. */
  readonly firstPage: LogPage | undefined
}

/** How much is read from the log at once. */
export const PAGE = { maxEvents: 256, maxBytes: 2 ** 20 }

export async function decideOutcome(
  attempt: Attempt,
  requests: readonly TopicRequest[],
  point: ResumePoint,
): Promise<CatchUpPlan> {
  const { subscriber, context, startSeq } = attempt
  const added = requests.filter((request) => request.added === true)
  const addedTopics = topicsOf(added)
  const continuing = [...subscriber.group.streams.keys()].filter((topic) => !addedTopics.has(topic))
  if (point.kind === 'after' || topicsWith(requests, 'history').length > 0) {
    await attempt.wait(context.slots.acquire(subscriber))
  }
  const missed =
    point.kind === 'after'
      ? await attempt.wait(context.log.readAfter(point.id, continuing, PAGE))
      : undefined
  let resumes = missed !== undefined && gapOf(missed) === undefined
  // A client that resumes starts only the topics that it added.
  let history = await readHistory(attempt, resumes ? added : requests)
  const historyGap = gapOf(history)
  if (resumes && historyGap !== undefined) {
    // A history without its beginning is a gap, and a connection has one outcome for all of its topics.
    resumes = false
    history = await readHistory(attempt, requests)
  }
  const starting = resumes ? added : requests
  const finalEvents = await attempt.wait(readFinalEvents(attempt, requests))
  const values = await attempt.wait(readLatestValues(attempt, starting))

  // Events up to `knownSeq` are sent only for topics that start now. For the other topics, the client already has them, or
  // lost them in the gap.
  const knownSeq = resumes && point.kind === 'after' ? point.id.seq : startSeq
  const startingTopics = topicsOf(starting)
  const extra = [...finalEvents.filter(({ topic }) => startingTopics.has(topic)), ...values]
  const firstOfHistory = history.ok
    ? history.entries.find((entry) => carries(subscriber.group, entry))
    : undefined
  const firstSeqs = [...extra, ...(firstOfHistory ? [firstOfHistory] : [])].map(({ seq }) => seq)
  const resumeGap = point.kind === 'gap' ? point.reason : missed && gapOf(missed)
  const gapReason = resumeGap ?? historyGap
  const historyTopics = topicsWith(starting, 'history')
  return {
    outcome: gapReason !== undefined ? 'gap' : resumes ? 'resumed' : 'fresh',
    gapReason,
    helloSeq: Math.min(knownSeq + 1, ...firstSeqs) - 1,
    knownFinalEvents: finalEvents.filter(
      ({ topic, seq }) => !startingTopics.has(topic) && seq <= knownSeq,
    ),
    extra,
    reads: [
      { topics: historyTopics, upToSeq: knownSeq, firstPage: history },
      {
        topics: [...continuing, ...historyTopics],
        upToSeq: startSeq,
        firstPage: resumes && historyTopics.length === 0 ? missed : undefined,
      },
    ],
  }
}

/** The first page of the topics that start with their history. */
async function readHistory(attempt: Attempt, requests: readonly TopicRequest[]): Promise<LogPage> {
  const topics = topicsWith(requests, 'history')
  if (topics.length === 0)
    return { ok: true, entries: [], through: attempt.startSeq, gaps: new Map() }
  return attempt.wait(attempt.context.log.readAfter('start', topics, PAGE))
}

/** The final events of topics that have ended, so that no subscriber waits for a topic that has ended. */
async function readFinalEvents(
  { subscriber, context }: Attempt,
  requests: readonly TopicRequest[],
): Promise<readonly LogEntry[]> {
  const finite = requests.filter(({ stream }) => stream.finalEvents !== undefined)
  if (finite.length === 0) return []
  const newest = new Map<string, LogEntry>()
  for (const entry of await context.log.latest(finite.map(({ stream }) => stream.topic))) {
    if (carries(subscriber.group, entry)) newest.set(entry.topic, entry)
  }
  const finalNames = new Map(finite.map(({ stream }) => [stream.topic, stream.finalEvents]))
  return [...newest.values()].filter(({ topic, event }) => finalNames.get(topic)?.includes(event))
}

/** The newest event of each name of the topics that start with `latest`, unless it is too old. */
async function readLatestValues(
  { subscriber, context }: Attempt,
  requests: readonly TopicRequest[],
): Promise<readonly LogEntry[]> {
  const topics = topicsWith(requests, 'latest')
  if (topics.length === 0) return []
  const { log } = context
  const maxAges = new Map(
    requests.map(({ stream, latestMaxAgeMs }) => [stream.topic, latestMaxAgeMs]),
  )
  const values = await log.latest(topics)
  const nowMs = log.now()
  return values.filter((entry) => {
    const maxAge = maxAges.get(entry.topic)
    const maxAgeMs = typeof maxAge === 'object' ? maxAge[entry.event] : maxAge
    return carries(subscriber.group, entry) && nowMs - entry.atMs <= (maxAgeMs ?? Infinity)
  })
}

function topicsOf(requests: readonly TopicRequest[]): ReadonlySet<string> {
  return new Set(requests.map(({ stream }) => stream.topic))
}

/** Why a page does not have all events that were asked for; the first reason if several topics have a gap. */
function gapOf(page: LogPage): GapReason | undefined {
  if (!page.ok) return page.reason
  const [reason] = page.gaps.values()
  return reason
}
