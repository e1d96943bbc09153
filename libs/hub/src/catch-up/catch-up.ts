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
import type { Clock } from '../clock.ts'
import type { EventLog, LogEntry, LogPage, TopicGapReason } from '../log/event-log.ts'
import type { FrameCache } from '../delivery/frame-cache.ts'
import { batchOf, textBatch, type Frame } from '../delivery/frames.ts'
import type { ReplaySlots } from './slots.ts'
import { carries } from '../delivery/groups.ts'
import { noteEnd, writeBatch, type Subscriber } from '../delivery/subscriber.ts'

/**
 * What a newcomer gets of a topic, and a client after a gap: only what comes (`live`), first the
 * newest of each event name (`latest`), or first all that is kept (`history`).
 */
export type Start = 'live' | 'latest' | 'history'

export interface TopicRequest {
  readonly stream: Stream
  /** Default `live`. The event that ended a topic is given in any case. */
  readonly start?: Start
  /**
   * The client has nothing of this topic yet: it is given its `start` even where its other topics go on after the
   * last event id. Default false.
   */
  readonly added?: boolean
  /**
   * With `latest`: the age in milliseconds above which a value is not sent, one for all events or one by event name.
   * Default: no limit, also for a name without an entry.
   */
  readonly latestMaxAgeMs?: number | Readonly<Record<string, number>>
}

/** A topic that the client asked for and does not get on this connection. */
export interface RefusedTopic {
  readonly topic: string
  /** `unknown` for a topic that does not exist, `forbidden` for one that this client may not read, or another word. */
  readonly reason: string
}

/** Why events after an id cannot all be given. */
export type GapReason =
  /** The id is malformed. */
  | 'bad-id'
  /** The log began anew since. */
  | 'unknown-epoch'
  /** The id has not been given out yet. */
  | 'future'
  | TopicGapReason

/** Where a subscriber wants to begin. */
export type Wish =
  | { readonly kind: 'new' }
  | { readonly kind: 'after'; readonly id: EventId }
  | { readonly kind: 'gap'; readonly reason: GapReason }

export interface JoinContext {
  readonly log: EventLog
  readonly frames: FrameCache
  readonly replays: ReplaySlots
  readonly clock: Clock
  readonly heartbeatMs: number
  /** The newest position that was fanned out; undefined until the log has told its first. */
  head(): EventId | undefined
  /** Resolves once there is a position. */
  readonly ready: Promise<void>
  /** Makes a subscriber who is up to date a member of its lane. */
  admit(subscriber: Subscriber): void
}

/** How much is read back at once. */
const PAGE = { maxEvents: 256, maxBytes: 2 ** 20 }

/** Reads a Last-Event-ID: none or an empty one asks for nothing, one of another form is a gap. */
export function wishOf(lastEventId: string | undefined): Wish {
  if (lastEventId === undefined || lastEventId === '') return { kind: 'new' }
  const id = parseEventId(lastEventId)
  return id ? { kind: 'after', id } : { kind: 'gap', reason: 'bad-id' }
}

/**
 * Replays, then admits the subscriber; returns early where it has left.
 *
 * @param refused The topics that the first hello is followed by a refusal of.
 */
export async function join(
  subscriber: Subscriber,
  requests: readonly TopicRequest[],
  wish: Wish,
  refused: readonly RefusedTopic[],
  context: JoinContext,
): Promise<void> {
  // Only where it must wait: what is published from here on, by a source that starts now, is live.
  if (!context.head()) await context.ready
  let asked = wish
  let unreported = refused
  for (let start = context.head(); start && !subscriber.left; start = context.head()) {
    try {
      await replay(subscriber, requests, asked, start, context, takeUnreported)
    } finally {
      context.replays.leave(subscriber)
    }
    if (context.head()?.epoch === start.epoch) return
    // The log began anew while it was read: what was replayed is no longer continued.
    asked = { kind: 'gap', reason: 'unknown-epoch' }
  }

  function takeUnreported(): readonly RefusedTopic[] {
    const taken = unreported
    unreported = []
    return taken
  }
}

async function replay(
  subscriber: Subscriber,
  requests: readonly TopicRequest[],
  wish: Wish,
  { epoch, seq: startSeq }: EventId,
  context: JoinContext,
  takeRefused: () => readonly RefusedTopic[],
): Promise<void> {
  const { log, replays } = context
  const topics = [...subscriber.lane.streams.keys()]
  subscriber.waiting = []
  subscriber.missed = false

  const added = requests.filter((request) => request.added === true)
  const addedTopics = new Set(added.map(({ stream }) => stream.topic))
  const old = topics.filter((topic) => !addedTopics.has(topic))
  if (wish.kind === 'after' || topicsWith(requests, 'history').length > 0) {
    await replays.enter(subscriber)
    if (stale()) return
  }
  const rest = wish.kind === 'after' ? await log.readAfter(wish.id, old, PAGE) : undefined
  if (stale()) return
  // Who goes on starts only what was added.
  let goesOn = rest !== undefined && gapOf(rest) === undefined
  let history = await historyOf(goesOn ? added : requests)
  if (stale()) return
  const beginningGap = gapOf(history)
  if (goesOn && beginningGap !== undefined) {
    // A beginning that is lost is a gap, and a connection has but one outcome for all of its topics.
    goesOn = false
    history = await historyOf(requests)
  }
  const starting = goesOn ? added : requests
  const historyTopics = topicsWith(starting, 'history')
  const endings = await endedTopics(log, requests, isCarried)
  const values = (await latestValues(starting, context)).filter(isCarried)
  if (stale()) return

  // Up to here only what starts is given: who goes on has the rest of it.
  const knownSeq = wish.kind === 'after' && goesOn ? wish.id.seq : startSeq
  const startingTopics = new Set(starting.map(({ stream }) => stream.topic))
  for (const ending of endings) {
    if (!startingTopics.has(ending.topic) && ending.seq <= knownSeq) noteEnd(subscriber, ending)
  }
  const extra = [...endings.filter(({ topic }) => startingTopics.has(topic)), ...values]
  const firstSeq = Math.min(
    knownSeq + 1,
    ...extra.map(({ seq }) => seq),
    ...(history.ok ? history.entries.filter(isCarried).slice(0, 1) : []).map(({ seq }) => seq),
  )
  const resumeGap = wish.kind === 'gap' ? wish.reason : rest && gapOf(rest)
  const why = resumeGap ?? beginningGap
  const outcome = why !== undefined ? 'gap' : goesOn ? 'resumed' : 'fresh'
  greet(outcome, firstSeq - 1, why)

  if (!(await replayUpTo(knownSeq, historyTopics, history))) return
  const firstPage = goesOn && historyTopics.length === 0 ? rest : undefined
  if (!(await replayUpTo(startSeq, [...old, ...historyTopics], firstPage))) return
  while (hasMissed(subscriber)) {
    // More came than could wait: it is in the log by now.
    subscriber.missed = false
    subscriber.waiting = []
    if (!(await replayUpTo(context.head()?.seq ?? startSeq, topics))) return
  }
  // The subscriber may have left since the last check, while the result of `replayUpTo` was awaited.
  if (stale()) return
  context.admit(subscriber)

  async function historyOf(several: readonly TopicRequest[]): Promise<LogPage> {
    const wanted = topicsWith(several, 'history')
    if (wanted.length > 0) return log.readAfter('start', wanted, PAGE)
    return { ok: true, entries: [], through: startSeq, gaps: new Map() }
  }

  /** False where there is no going on: the subscriber has left, or the log began anew. */
  async function replayUpTo(
    seq: number,
    wanted: readonly string[],
    first?: LogPage,
  ): Promise<boolean> {
    let page = first
    while (subscriber.cursor < seq) {
      if (!page) {
        await replays.enter(subscriber)
        if (stale()) return false
        page = await log.readAfter({ epoch, seq: subscriber.cursor }, wanted, PAGE)
      }
      if (stale()) return false
      if (!page.ok || (page !== first && page.gaps.size > 0)) {
        // What it was still to read back has been trimmed meanwhile.
        subscriber.home.leave(subscriber, 'too-slow')
        return false
      }
      const upTo = Math.min(page.through, seq)
      await send(merge(page.entries.filter(isCarried), extra, subscriber.cursor, upTo))
      if (stale()) return false
      subscriber.cursor = Math.max(subscriber.cursor, upTo)
      page = undefined
      // Other connections have their turn between two pages.
      if (subscriber.cursor < seq) await turn(context.clock)
    }
    return true
  }

  function isCarried(entry: LogEntry): boolean {
    return carries(subscriber.lane, entry)
  }

  function stale(): boolean {
    return subscriber.left !== undefined || context.head()?.epoch !== epoch
  }

  function greet(outcome: ResumeOutcome, seq: number, reason?: string): void {
    subscriber.cursor = seq
    subscriber.home.counters.resumes[outcome] += 1
    subscriber.settleOutcome(outcome)
    if (subscriber.lane.format === 'plain') return
    const { heartbeatMs } = context
    const hello = pack(control, 'downlink.hello', {
      heartbeatMs,
      outcome,
      ...(reason !== undefined && { reason }),
    })
    let text = encodeEvent({ ...hello, id: formatEventId({ epoch, seq }) })
    for (const { topic, reason } of takeRefused()) {
      text += encodeEvent(pack(control, 'downlink.refused', { topic, reason }))
    }
    writeBatch(subscriber, textBatch(text))
  }

  async function send(entries: readonly LogEntry[]): Promise<void> {
    let frames: Frame[] = []
    let bytes = 0
    for (const entry of entries) {
      const frame = context.frames.frame(subscriber.lane.format, epoch, entry)
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
    if (subscriber.blocked) {
      // A reader that does not read keeps no other replay waiting.
      replays.leave(subscriber)
      await room(subscriber)
      if (stale()) return
      await replays.enter(subscriber)
    }
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
  isCarried: (entry: LogEntry) => boolean,
): Promise<readonly LogEntry[]> {
  const ending = requests.filter(({ stream }) => stream.finalEvents !== undefined)
  if (ending.length === 0) return []
  const newest = new Map<string, LogEntry>()
  for (const entry of await log.latest(ending.map(({ stream }) => stream.topic))) {
    if (isCarried(entry)) newest.set(entry.topic, entry)
  }
  const endNames = new Map(ending.map(({ stream }) => [stream.topic, stream.finalEvents]))
  return [...newest.values()].filter(({ topic, event }) => endNames.get(topic)?.includes(event))
}

async function latestValues(
  requests: readonly TopicRequest[],
  { log }: JoinContext,
): Promise<readonly LogEntry[]> {
  const topics = topicsWith(requests, 'latest')
  if (topics.length === 0) return []
  const maxAges = new Map(
    requests.map(({ stream, latestMaxAgeMs }) => [stream.topic, latestMaxAgeMs]),
  )
  const values = await log.latest(topics)
  const nowMs = log.now()
  return values.filter(({ topic, event, atMs }) => {
    const maxAge = maxAges.get(topic)
    const maxAgeMs = typeof maxAge === 'object' ? maxAge[event] : maxAge
    return nowMs - atMs <= (maxAgeMs ?? Infinity)
  })
}

function topicsWith(requests: readonly TopicRequest[], wanted: Start): string[] {
  return requests.filter(({ start }) => start === wanted).map(({ stream }) => stream.topic)
}

/** The reason of a page that does not have everything that was asked for; the first one if several topics have a gap. */
function gapOf(page: LogPage): GapReason | undefined {
  if (!page.ok) return page.reason
  const [reason] = page.gaps.values()
  return reason
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

function turn(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.soon(resolve))
}

/** Waits until the sink takes bytes again, or the subscriber has left. */
function room(subscriber: Subscriber): Promise<void> {
  if (!subscriber.blocked || subscriber.left) return Promise.resolve()
  return new Promise((resolve) => {
    subscriber.onRoom = resolve
  })
}
