/** Random publishes, joins, leaves, stalls, trims and heartbeats against a model of what each client must have seen. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTestClock, type TestClock } from '../../test/clock.ts'
import { createTestSink, type TestSink } from '../../test/sink.ts'
import { createSlowLog } from '../../test/slow-log.ts'
import { note, prices } from '../../test/streams.ts'
import { createHub, type Hub } from '../hub.ts'
import { createMemoryLog } from '../log/memory-log.ts'

const MAX_AGE_MS = 1_000
const HEARTBEAT_MS = 400
const KEPT_EVENTS = 12

/** What each client subscribes to; the first sees the plain format. */
const CLIENTS = [
  [note],
  [note, prices],
  [prices],
  [prices, note],
  [note],
  [note, prices],
  [prices, note],
] as const
/** The one that asks for all that is kept when it begins anew. */
const HISTORIAN = 4
/** The one that has but its first topic at first, and asks for all that is kept of the other when it adds it. */
const ADDER = 5
/** The one that asks for the newest of each event name when it begins anew. */
const CATCHER_UP = 6

interface Client {
  readonly who: number
  readonly format: 'plain' | 'multiplexed'
  sink: TestSink | undefined
  /** Whether it has all of its topics, and what it asks for with the next hello: both matter to the adder. */
  has: 'none' | 'first' | 'all'
  adding: boolean
  /** Where its unbroken history of each topic begins: it must see all that comes after this seq. */
  readonly fromSeq: Map<string, number>
  readonly seen: Map<string, number[]>
  /** The newest of all that it has seen on this connection. */
  newestSeq: number
  /** The log's newest seq when it last asked to begin. */
  joinedSeq: number
  dropped: number
  /** How many of the sink's events have been looked at. */
  read: number
  lastEventId: string
}

interface World {
  readonly hub: Hub
  readonly clock: TestClock
  readonly clients: readonly Client[]
  /** The topic and the name of each event, by seq - 1. */
  readonly published: { readonly topic: string; readonly event: string }[]
  readonly headSeq: () => number
  /** What the hub reported. */
  readonly errors: unknown[]
}

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('publish'), who: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('join'), who: fc.nat(CLIENTS.length - 1) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('leave'), who: fc.nat(CLIENTS.length - 1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('block'), who: fc.nat(CLIENTS.length - 1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('unblock'), who: fc.nat(CLIENTS.length - 1) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait'), who: fc.nat(12) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('tick'), who: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('beat'), who: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('age'), who: fc.constant(0) }) },
)

test('every client sees each event once, in order, without a hole that it was not told of', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 120, size: 'max' }),
      fc.infiniteStream(fc.nat(4)),
      async (steps, delays) => {
        const world = create(() => Number(delays.next().value))
        await turns(20)
        for (const one of steps) await take(world, one.do, one.who)
        for (const client of world.clients) client.sink?.unblock()
        // A replay takes a tick per page, and another to begin where it is queued.
        for (let i = 0; i < 60; i++) {
          await turns(60)
          world.clock.tick()
        }
        for (const client of world.clients) check(client, world)
        expect(world.errors).toEqual([])
      },
    ),
    { numRuns: 400 },
  )
}, 60_000)

function create(delay: () => number): World {
  const clock = createTestClock()
  const memory = {
    epoch: 'e',
    now: () => clock.now(),
    maxEvents: KEPT_EVENTS,
    maxAgeMs: MAX_AGE_MS,
  }
  const log = createSlowLog(delay, () => createMemoryLog(memory))
  let headSeq = 0
  // Registered before the hub, so that it knows at each moment what the hub has heard.
  log.follow({
    onPosition: ({ seq }) => void (headSeq = seq),
    onEntries: (entries) => void (headSeq = entries.at(-1)?.seq ?? headSeq),
  })
  const errors: unknown[] = []
  const hub = createHub({
    clock,
    afterTick: clock.afterTick,
    log,
    onError: (error) => void errors.push(error),
    heartbeatMs: HEARTBEAT_MS,
    maxQueuedBytes: 220,
    maxWindowMs: 0,
    maxLifetimeMs: Infinity,
    // Fewer than the clients, so that some are queued.
    maxCatchUps: 2,
  })
  const clients = CLIENTS.map((streams, i): Client => ({
    who: i,
    format: i === 0 ? 'plain' : 'multiplexed',
    sink: undefined,
    has: 'none',
    adding: false,
    fromSeq: new Map(streams.map(({ topic }) => [topic, 0])),
    seen: new Map(streams.map(({ topic }) => [topic, []])),
    newestSeq: 0,
    joinedSeq: 0,
    dropped: 0,
    read: 0,
    lastEventId: '',
  }))
  return { hub, clock, clients, published: [], headSeq: () => headSeq, errors }
}

async function take(world: World, action: string, who: number): Promise<void> {
  const { hub, clock, clients, published } = world
  const client = clients[who]
  switch (action) {
    case 'publish':
      // Not awaited: appends overtake nothing, and reads happen meanwhile.
      await (who === 0
        ? hub.publish(note, 'message', 'n')
        : hub.publish(prices, who === 1 ? 'A' : 'B', 1))
      published.push(
        who === 0
          ? { topic: 'note', event: 'message' }
          : { topic: 'prices', event: who === 1 ? 'A' : 'B' },
      )
      break
    case 'join':
      if (client) await join(world, client, who)
      break
    case 'leave':
      if (client) hangUp(client)
      break
    case 'block':
      client?.sink?.block()
      break
    case 'unblock':
      client?.sink?.unblock()
      break
    case 'wait':
      await turns(who)
      break
    case 'tick':
      clock.tick()
      break
    case 'beat':
      clock.advance(HEARTBEAT_MS)
      break
    default:
      clock.advance(MAX_AGE_MS / 2)
  }
}

async function join(world: World, client: Client, who: number): Promise<void> {
  hangUp(client)
  const sink = createTestSink()
  const streams = CLIENTS[who] ?? []
  client.sink = sink
  client.read = 0
  client.newestSeq = 0
  client.joinedSeq = world.headSeq()
  client.adding = who === ADDER && client.has === 'first'
  const wanted = who === ADDER && client.has === 'none' ? streams.slice(0, 1) : streams
  const subscription = world.hub.subscribe({
    sink,
    format: client.format,
    topics: wanted.map((stream, i) => ({
      stream,
      start:
        who === HISTORIAN || (who === ADDER && i === 1)
          ? 'history'
          : who === CATCHER_UP
            ? 'latest'
            : 'live',
      added: client.adding && i === 1,
    })),
    lastEventId: client.lastEventId,
  })
  if (client.format === 'multiplexed') return
  // Nothing on the plain format tells the outcome: this client learns it past the wire.
  const told = subscription.outcome
  // A queued replay begins in a later tick.
  const pending = { is: true }
  void told.finally(() => (pending.is = false))
  await turns(60)
  while (pending.is) {
    world.clock.tick()
    await turns(60)
  }
  const outcome = await told
  if (outcome !== 'resumed') startAnew(client, client.joinedSeq)
}

/**
 * What a hello promises of each topic that it starts: all after its id where all that is kept was asked for, or else
 * all after the moment of asking. After a gap that is all that is certain of the topics that went on, too.
 */
function greeted(client: Client, resumed: boolean, seq: number): void {
  const { who, adding, joinedSeq } = client
  if (!resumed) startAnew(client, who === CATCHER_UP || who === ADDER ? joinedSeq : seq)
  if (who !== ADDER) return
  if (!resumed) startTopic(client, 'prices', seq)
  // Nothing was trimmed of what was added, or else it were a gap.
  else if (adding) startTopic(client, 'prices', 0)
  client.has = adding || client.has === 'all' ? 'all' : 'first'
  client.adding = false
}

/** From here on it is owed everything. */
function startAnew(client: Client, fromSeq: number): void {
  for (const topic of client.seen.keys()) startTopic(client, topic, fromSeq)
}

function startTopic(client: Client, topic: string, fromSeq: number): void {
  client.fromSeq.set(topic, fromSeq)
  client.seen.set(topic, [])
  if (topic === 'prices') client.dropped = 0
}

/** The client goes, and knows what it has read. */
function hangUp(client: Client): void {
  if (!client.sink) return
  read(client)
  client.lastEventId = client.sink.lastEventId() || client.lastEventId
  client.sink.close()
  client.sink = undefined
}

function read(client: Client): void {
  for (const { event, data, id } of client.sink?.events().slice(client.read) ?? []) {
    const seq = Number(id.split('-')[1])
    if (event === 'downlink.hello') greeted(client, data.includes('resumed'), seq)
    else if (event === 'downlink.dropped')
      client.dropped += (JSON.parse(data) as { count: number }).count
    else {
      const topic = client.format === 'plain' ? 'note' : (event.split('/')[0] ?? '')
      const seqs = client.seen.get(topic)
      // A client that is cut while it adds a topic may get older events of the others, and drops them by their ids.
      const again = client.who === ADDER && seq <= (seqs?.at(-1) ?? 0)
      if (!again) seqs?.push(seq)
      // Whatever it asked for, a connection goes forward.
      expect(seq).toBeGreaterThan(client.newestSeq)
      client.newestSeq = seq
    }
  }
  client.read = client.sink?.events().length ?? 0
}

function check(client: Client, { published, headSeq }: World): void {
  const live = client.sink !== undefined && client.sink.ended === undefined
  read(client)
  let missingPrices = 0
  for (const [topic, seqs] of client.seen) {
    // What the adder has not asked for is not owed.
    if (client.who === ADDER && topic === 'prices' && client.has !== 'all') continue
    const seen = new Set(seqs)
    expect(seqs).toEqual([...seen].sort((a, b) => a - b))
    const from = client.fromSeq.get(topic) ?? 0
    const newest = Math.max(from, ...[...client.seen.values()].flat())
    const missing = published
      .map((one, i) => ({ ...one, seq: i + 1 }))
      .filter((one) => one.topic === topic && one.seq > from && (live || one.seq < newest))
      .filter(({ seq }) => !seen.has(seq))
    if (topic === 'note') expect(missing).toEqual([])
    else missingPrices = missing.length
    if (client.who === CATCHER_UP && (live || newest > from))
      expectNewest(topic, seqs, from, published)
  }
  if (client.format === 'multiplexed' && live) expect(missingPrices).toBe(client.dropped)
  expect(headSeq()).toBe(published.length)
}

/** Of each name that was there when it asked, the newest came, or one that is newer still. */
function expectNewest(
  topic: string,
  seqs: readonly number[],
  from: number,
  published: World['published'],
): void {
  const names = new Map(
    published.slice(0, from).flatMap((one, i) => (one.topic === topic ? [[one.event, i + 1]] : [])),
  )
  for (const [event, newestSeq] of names) {
    const came = seqs.some((seq) => seq >= newestSeq && published[seq - 1]?.event === event)
    expect(came).toBe(true)
  }
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve()
}
