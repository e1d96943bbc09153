/**
 * How a subscriber is brought up to date: live events wait behind the replay, and what both have is
 * seen once. After every wait the subscriber may have left and the log may have begun anew.
 */
import {
  control,
  formatEventId,
  pack,
  parseEventId,
  type EventId,
  type ResumeOutcome,
  type Stream,
} from '@downlink/protocol'
import { encodeEvent } from '@downlink/protocol/sse'
import type { EventLog, GapReason, LogEntry } from './event-log.ts'
import { batchOf, createFrame, textBatch, type Frame } from './frame.ts'
import { deliver, noteEnd, writeBatch, type Subscriber } from './subscriber.ts'

/**
 * What a newcomer gets of a topic, and a client after a gap: only what comes (`live`), first the
 * newest of each event name (`latest`), or first all that is kept (`history`).
 */
export type Start = 'live' | 'latest' | 'history'

export interface TopicRequest {
  readonly stream: Stream
  /** Default `live`. The event that ended a topic is given in any case. */
  readonly start?: Start
  /** With `latest`: values older than this many milliseconds are not given. Default: any age. */
  readonly latestMaxAgeMs?: number
}

/** Where a subscriber wants to begin. */
export type Wish =
  | { readonly kind: 'new' }
  | { readonly kind: 'after'; readonly id: EventId }
  | { readonly kind: 'gap'; readonly reason: GapReason }

export interface JoinContext {
  readonly log: EventLog
  readonly heartbeatMs: number
  readonly dateMs: () => number
  /** The newest position that was fanned out; undefined until the log has told its first. */
  head(): EventId | undefined
  /** Resolves once there is a position. */
  readonly ready: Promise<void>
  /** Makes a subscriber who is up to date a member of its lane. */
  admit(subscriber: Subscriber): void
}

/** How many entries are read back at once. */
const PAGE_ENTRIES = 256

/** Reads a Last-Event-ID: none or an empty one asks for nothing, one of another form is a gap. */
export function wishOf(lastEventId: string | undefined): Wish {
  if (lastEventId === undefined || lastEventId === '') return { kind: 'new' }
  const id = parseEventId(lastEventId)
  return id ? { kind: 'after', id } : { kind: 'gap', reason: 'bad-id' }
}

/** Replays, then admits the subscriber; returns early where it has left. */
export async function join(
  subscriber: Subscriber,
  requests: readonly TopicRequest[],
  wish: Wish,
  context: JoinContext,
): Promise<void> {
  // Only where it must wait: what is published from here on, by a source that starts now, is live.
  if (!context.head()) await context.ready
  let asked = wish
  for (let start = context.head(); start && !subscriber.left; start = context.head()) {
    await replay(subscriber, requests, asked, start, context)
    if (context.head()?.epoch === start.epoch) return
    // The log began anew while it was read: what was replayed is no longer continued.
    asked = { kind: 'gap', reason: 'unknown-epoch' }
  }
}

async function replay(
  subscriber: Subscriber,
  requests: readonly TopicRequest[],
  wish: Wish,
  { epoch, seq: startSeq }: EventId,
  context: JoinContext,
): Promise<void> {
  const { log } = context
  const topics = [...subscriber.lane.streams.keys()]
  subscriber.waiting = []
  subscriber.missed = false

  const endings = await endedTopics(log, requests)
  let page = wish.kind === 'after' ? await log.readAfter(wish.id, topics, PAGE_ENTRIES) : undefined
  if (stale()) return

  let pagedTopics = topics
  let extra: LogEntry[] = []
  if (wish.kind === 'after' && page?.ok) {
    greet('resumed', wish.id.seq)
    for (const ending of endings) if (ending.seq <= wish.id.seq) noteEnd(subscriber, ending)
  } else {
    const reason = page?.ok === false ? page.reason : wish.kind === 'gap' ? wish.reason : undefined
    pagedTopics = topicsWith(requests, 'history')
    page =
      pagedTopics.length > 0
        ? await log.readAfter('start', pagedTopics, PAGE_ENTRIES)
        : { ok: true, entries: [], through: startSeq }
    if (stale()) return
    extra = [...endings, ...(await latestValues(requests, context))]
    if (stale()) return
    const trimmed = page.ok && page.trimmed === true
    const firstSeq = Math.min(
      startSeq + 1,
      ...extra.map(({ seq }) => seq),
      ...(page.ok ? page.entries.slice(0, 1).map(({ seq }) => seq) : []),
    )
    const why = reason ?? (trimmed ? 'trimmed' : undefined)
    greet(why === undefined ? 'fresh' : 'gap', firstSeq - 1, why)
  }

  let through = startSeq
  for (;;) {
    if (!page.ok) {
      // What it was still to read back has been trimmed meanwhile.
      subscriber.home.leave(subscriber, 'too-slow')
      return
    }
    const upTo = Math.min(page.through, through)
    await send(merge(page.entries, extra, subscriber.cursor, upTo))
    if (stale()) return
    subscriber.cursor = Math.max(subscriber.cursor, upTo)
    if (subscriber.cursor >= through) {
      if (!hasMissed(subscriber)) break
      // More came than could wait: it is in the log by now.
      subscriber.missed = false
      subscriber.waiting = []
      pagedTopics = topics
      through = context.head()?.seq ?? through
    }
    page = await log.readAfter({ epoch, seq: subscriber.cursor }, pagedTopics, PAGE_ENTRIES)
    if (stale()) return
  }

  const { waiting } = subscriber
  context.admit(subscriber)
  deliver(subscriber, waiting)

  function stale(): boolean {
    return subscriber.left !== undefined || context.head()?.epoch !== epoch
  }

  function greet(outcome: ResumeOutcome, seq: number, reason?: string): void {
    subscriber.cursor = seq
    subscriber.home.counters.resumes[outcome] += 1
    subscriber.settleOutcome(outcome)
    if (subscriber.lane.face === 'plain') return
    const { heartbeatMs } = context
    const hello = pack(control, 'downlink.hello', {
      heartbeatMs,
      outcome,
      ...(reason !== undefined && { reason }),
    })
    writeBatch(subscriber, textBatch(encodeEvent({ ...hello, id: formatEventId({ epoch, seq }) })))
  }

  async function send(entries: readonly LogEntry[]): Promise<void> {
    let frames: Frame[] = []
    let bytes = 0
    for (const entry of entries) {
      const frame = createFrame(subscriber.lane.face, epoch, entry)
      if (frames.length > 0 && bytes + frame.bytes > subscriber.home.maxQueuedBytes) {
        await write(frames)
        if (stale()) return
        frames = []
        bytes = 0
      }
      frames.push(frame)
      bytes += frame.bytes
    }
    if (frames.length > 0) await write(frames)
  }

  async function write(frames: readonly Frame[]): Promise<void> {
    await room(subscriber)
    if (stale()) return
    subscriber.home.counters.replayed += frames.length
    subscriber.cursor = frames.at(-1)?.entry.seq ?? subscriber.cursor
    for (const { entry } of frames) noteEnd(subscriber, entry)
    writeBatch(subscriber, batchOf(frames), frames.length)
  }
}

/** The last events of topics that have ended: given to whoever has not had them, so that none waits in vain. */
async function endedTopics(
  log: EventLog,
  requests: readonly TopicRequest[],
): Promise<readonly LogEntry[]> {
  const ending = requests.filter(({ stream }) => stream.endsWith !== undefined)
  if (ending.length === 0) return []
  const newest = new Map<string, LogEntry>()
  for (const entry of await log.latest(ending.map(({ stream }) => stream.topic))) {
    newest.set(entry.topic, entry)
  }
  const endNames = new Map(ending.map(({ stream }) => [stream.topic, stream.endsWith]))
  return [...newest.values()].filter(({ topic, event }) => endNames.get(topic) === event)
}

async function latestValues(
  requests: readonly TopicRequest[],
  { log, dateMs }: JoinContext,
): Promise<readonly LogEntry[]> {
  const topics = topicsWith(requests, 'latest')
  if (topics.length === 0) return []
  const oldestMs = new Map(
    requests.map(({ stream, latestMaxAgeMs }) => [
      stream.topic,
      dateMs() - (latestMaxAgeMs ?? Infinity),
    ]),
  )
  const values = await log.latest(topics)
  return values.filter(({ topic, atMs }) => atMs >= (oldestMs.get(topic) ?? Infinity))
}

function topicsWith(requests: readonly TopicRequest[], wanted: Start): string[] {
  return requests.filter(({ start }) => start === wanted).map(({ stream }) => stream.topic)
}

/** Both lists in order, each entry once, of those after one seq and up to another. */
function merge(
  entries: readonly LogEntry[],
  extra: readonly LogEntry[],
  after: number,
  upTo: number,
): LogEntry[] {
  const bySeq = new Map<number, LogEntry>()
  for (const entry of [...entries, ...extra]) {
    if (entry.seq > after && entry.seq <= upTo) bySeq.set(entry.seq, entry)
  }
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq)
}

/** A function, because the type of `missed` is narrowed past calls that set it. */
function hasMissed(subscriber: Subscriber): boolean {
  return subscriber.missed
}

/** Waits until the sink takes bytes again, or the subscriber has left. */
function room(subscriber: Subscriber): Promise<void> {
  if (!subscriber.blocked || subscriber.left) return Promise.resolve()
  return new Promise((resolve) => {
    subscriber.onRoom = resolve
  })
}
