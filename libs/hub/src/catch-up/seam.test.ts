/** Compares random publishes, joins, leaves, stalls, trims and heartbeats with a model of what each client must receive. */
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

/** The topics of each client. The first client uses the plain format. */
const CLIENTS = [
  [note],
  [note, prices],
  [prices],
  [prices, note],
  [note],
  [note, prices],
  [prices, note],
] as const
/** The client that starts with the whole history. */
const HISTORY_READER = 4
/** The client that first subscribes to one topic, and later adds the other one with its whole history. */
const ADDER = 5
/** The client that starts with the latest event of each name. */
const LATEST_READER = 6

interface Client {
  readonly index: number
  readonly format: 'plain' | 'multiplexed'
  sink: TestSink | undefined
  /** Which of its topics the client has, and whether this connection adds one. Only used for the adder. */
  has: 'none' | 'first' | 'all'
  adding: boolean
  /** The client must receive every event of a topic after this seq. */
  readonly fromSeq: Map<string, number>
  readonly seen: Map<string, number[]>
  /** The newest seq received on this connection. */
  newestSeq: number
  /** The newest seq of the log when the client last connected. */
  joinedSeq: number
  dropped: number
  /** How many of the sink's events have been read. */
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
  /** The errors that the hub reported. */
  readonly errors: unknown[]
}

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('publish'), index: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('join'), index: fc.nat(CLIENTS.length - 1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('leave'), index: fc.nat(CLIENTS.length - 1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('block'), index: fc.nat(CLIENTS.length - 1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('unblock'), index: fc.nat(CLIENTS.length - 1) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait'), index: fc.nat(12) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('tick'), index: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('beat'), index: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('age'), index: fc.constant(0) }) },
)

test('every client receives each event once, in order, and is told about every gap', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 120, size: 'max' }),
      fc.infiniteStream(fc.nat(4)),
      async (steps, delays) => {
        const world = create(() => Number(delays.next().value))
        await turns(20)
        for (const one of steps) await take(world, one.do, one.index)
        for (const client of world.clients) client.sink?.unblock()
        // A catch-up takes one tick per page, and one more to start if it was queued.
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
  // Registered before the hub, so that `headSeq` is always what the hub was told.
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
    // Fewer than the clients, so that some catch-ups are queued.
    maxCatchUps: 2,
  })
  const clients = CLIENTS.map((streams, i): Client => ({
    index: i,
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

async function take(world: World, action: string, index: number): Promise<void> {
  const { hub, clock, clients, published } = world
  const client = clients[index]
  switch (action) {
    case 'publish':
      // Other subscribers read the log during the append.
      await (index === 0
        ? hub.publish(note, 'message', 'n')
        : hub.publish(prices, index === 1 ? 'A' : 'B', 1))
      published.push(
        index === 0
          ? { topic: 'note', event: 'message' }
          : { topic: 'prices', event: index === 1 ? 'A' : 'B' },
      )
      break
    case 'join':
      if (client) await join(world, client, index)
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
      await turns(index)
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

async function join(world: World, client: Client, index: number): Promise<void> {
  hangUp(client)
  const sink = createTestSink()
  const streams = CLIENTS[index] ?? []
  client.sink = sink
  client.read = 0
  client.newestSeq = 0
  client.joinedSeq = world.headSeq()
  client.adding = index === ADDER && client.has === 'first'
  const wanted = index === ADDER && client.has === 'none' ? streams.slice(0, 1) : streams
  const subscription = world.hub.subscribe({
    sink,
    format: client.format,
    topics: wanted.map((stream, i) => ({
      stream,
      start:
        index === HISTORY_READER || (index === ADDER && i === 1)
          ? 'history'
          : index === LATEST_READER
            ? 'latest'
            : 'live',
      added: client.adding && i === 1,
    })),
    lastEventId: client.lastEventId,
  })
  if (client.format === 'multiplexed') return
  // The plain format does not report the outcome, so this client reads it from the subscription.
  const settled = subscription.outcome
  // A queued catch-up starts in a later tick.
  const pending = { is: true }
  void settled.finally(() => (pending.is = false))
  await turns(60)
  while (pending.is) {
    world.clock.tick()
    await turns(60)
  }
  const outcome = await settled
  if (outcome !== 'resumed') startAll(client, client.joinedSeq)
}

/**
 * Updates the model after a hello. A topic that starts with its history has all events after the id of the hello; other
 * topics have all events after the client connected. After a gap, this also applies to topics that were to resume.
 */
function onHello(client: Client, resumed: boolean, seq: number): void {
  const { index, adding, joinedSeq } = client
  if (!resumed) startAll(client, index === LATEST_READER || index === ADDER ? joinedSeq : seq)
  if (index !== ADDER) return
  if (!resumed) startTopic(client, 'prices', seq)
  // The history of the added topic is complete, because otherwise the outcome is a gap.
  else if (adding) startTopic(client, 'prices', 0)
  client.has = adding || client.has === 'all' ? 'all' : 'first'
  client.adding = false
}

/** The client must receive every event of its topics after this seq. */
function startAll(client: Client, fromSeq: number): void {
  for (const topic of client.seen.keys()) startTopic(client, topic, fromSeq)
}

function startTopic(client: Client, topic: string, fromSeq: number): void {
  client.fromSeq.set(topic, fromSeq)
  client.seen.set(topic, [])
  if (topic === 'prices') client.dropped = 0
}

/** The client disconnects, and keeps the last event ID that it has received. */
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
    if (event === 'downlink.hello') onHello(client, data.includes('resumed'), seq)
    else if (event === 'downlink.dropped')
      client.dropped += (JSON.parse(data) as { count: number }).count
    else {
      const topic = client.format === 'plain' ? 'note' : (event.split('/')[0] ?? '')
      const seqs = client.seen.get(topic)
      // After a disconnect while it adds a topic, the client can receive events again, and drops them by their ids.
      const again = client.index === ADDER && seq <= (seqs?.at(-1) ?? 0)
      if (!again) seqs?.push(seq)
      // The seq increases on every connection.
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
    // The adder has not requested this topic yet.
    if (client.index === ADDER && topic === 'prices' && client.has !== 'all') continue
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
    if (client.index === LATEST_READER && (live || newest > from))
      expectNewest(topic, seqs, from, published)
  }
  if (client.format === 'multiplexed' && live) expect(missingPrices).toBe(client.dropped)
  expect(headSeq()).toBe(published.length)
}

/** For each event name published before `from`, the client must have received its latest event or a newer one. */
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
