/** Random publishes, joins, leaves, stalls, trims and heartbeats against a model of what each client must have seen. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTestClock, type TestClock } from '../test/clock.ts'
import { createTestSink, type TestSink } from '../test/sink.ts'
import { createSlowLog } from '../test/slow-log.ts'
import { note, prices } from '../test/streams.ts'
import { createHub, type Hub } from './hub.ts'
import { createMemoryLog } from './memory-log.ts'

const MAX_AGE_MS = 1_000
const HEARTBEAT_MS = 400
const KEPT_EVENTS = 12

/** What each client subscribes to; the first sees the plain face. */
const CLIENTS = [[note], [note, prices], [prices], [prices, note], [note]] as const
/** The one that asks for all that is kept when it begins anew. */
const HISTORIAN = 4

interface Client {
  readonly topics: readonly string[]
  readonly face: 'plain' | 'multiplexed'
  sink: TestSink | undefined
  /** Where this client's unbroken history begins: it must see all of its topics after this seq. */
  fromSeq: number
  seen: number[]
  dropped: number
  /** How many of the sink's events have been looked at. */
  read: number
  lastEventId: string
}

interface World {
  readonly hub: Hub
  readonly clock: TestClock
  readonly clients: readonly Client[]
  /** The topic of each event, by seq - 1. */
  readonly published: string[]
  readonly headSeq: () => number
}

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('publish'), who: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('join'), who: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave'), who: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('block'), who: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('unblock'), who: fc.nat(4) }) },
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
        await turns(400)
        world.clock.tick()
        await turns(400)
        world.clock.tick()
        for (const client of world.clients) check(client, world)
      },
    ),
    { numRuns: 150 },
  )
}, 60_000)

function create(delay: () => number): World {
  const clock = createTestClock()
  const memory = {
    epoch: 'e',
    now: () => clock.dateMs(),
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
  const hub = createHub({
    clock,
    log,
    heartbeatMs: HEARTBEAT_MS,
    maxQueuedBytes: 220,
    maxWindowMs: 0,
    maxLifetimeMs: Infinity,
  })
  const clients = CLIENTS.map((streams, i): Client => ({
    topics: streams.map(({ topic }) => topic),
    face: i === 0 ? 'plain' : 'multiplexed',
    sink: undefined,
    fromSeq: 0,
    seen: [],
    dropped: 0,
    read: 0,
    lastEventId: '',
  }))
  return { hub, clock, clients, published: [], headSeq: () => headSeq }
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
      published.push(who === 0 ? 'note' : 'prices')
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
  const headSeq = world.headSeq()
  client.sink = sink
  client.read = 0
  const subscription = world.hub.subscribe({
    sink,
    face: client.face,
    topics: (CLIENTS[who] ?? []).map((stream) => ({
      stream,
      start: who === HISTORIAN ? 'history' : 'live',
    })),
    lastEventId: client.lastEventId,
  })
  if (client.face === 'multiplexed') return
  // Nothing on the plain face tells the outcome: this client learns it past the wire.
  const outcome = await subscription.outcome
  if (outcome !== 'resumed') startAnew(client, headSeq)
}

/** From here on it is owed everything. */
function startAnew(client: Client, fromSeq: number): void {
  client.fromSeq = fromSeq
  client.seen = []
  client.dropped = 0
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
    if (event === 'downlink.hello' && !data.includes('resumed')) startAnew(client, seq)
    if (event === 'downlink.dropped')
      client.dropped += (JSON.parse(data) as { count: number }).count
    if (!event.startsWith('downlink.')) client.seen.push(seq)
  }
  client.read = client.sink?.events().length ?? 0
}

function check(client: Client, { published, headSeq }: World): void {
  const live = client.sink !== undefined && client.sink.ended === undefined
  read(client)
  const owed = published
    .map((topic, i) => ({ topic, seq: i + 1 }))
    .filter(({ topic, seq }) => seq > client.fromSeq && client.topics.includes(topic))
  const seen = new Set(client.seen)
  expect(client.seen).toEqual([...seen].sort((a, b) => a - b))

  const newest = client.seen.at(-1) ?? client.fromSeq
  const missing = owed.filter(({ seq }) => !seen.has(seq) && (live || seq < newest))
  expect(missing.filter(({ topic }) => topic === 'note')).toEqual([])
  if (client.face === 'multiplexed')
    expect(missing.length).toBe(live ? client.dropped : missing.length)
  expect(headSeq()).toBe(published.length)
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve()
}
