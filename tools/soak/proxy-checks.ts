/** The requirements of an event stream on a proxy. Each check returns the cells for its rows of the table. */
import type { ApiProcess } from './api-process.ts'
import { pause, poll } from './poll.ts'
import type { QuietServer } from './quiet-server.ts'
import { openStream, type OpenStream, type ReceivedEvent } from './stream.ts'

/** One proxy configuration in front of both servers. */
export interface Setup {
  readonly title: string
  /** The URL of the API behind the proxy. */
  readonly url: string
  /** The URL of the quiet server behind the proxy. */
  readonly quietUrl: string
  /** Its own topic on the quiet server. */
  readonly topic: string
  /** The last byte of the loopback addresses that only the clients of this setup use. */
  readonly clientHost: number
}

export interface Cell {
  readonly text: string
  /** Whether the requirement is met. Undefined if there is none. */
  readonly holds?: boolean
}

/** By the title of the row. */
export type Cells = Record<string, Cell>

const FAST_MS = 100
const SAMPLES = 5
const EVENT_TIMEOUT_MS = 5_000
const OPEN_STREAMS = 20
/** The stream has one event per second, and a proxy that notices an abort on a write needs two writes. */
const ABORT_LIMIT_MS = 5_000
/** Two heartbeats of 15 s and a margin. */
const QUIET_ABORT_LIMIT_MS = 35_000
const QUIET_MS = 120_000
/** Eight heartbeats are due in two minutes; the first can be late, and the last can still be in transit. */
const LEAST_HEARTBEATS = 6
const EVENT_PAUSE_MS = 300
const MISSED_EVENTS = 3
const CAPACITY_STREAMS = 200
const CAPACITY_TIMEOUT_MS = 3_000
const DRAIN_STREAMS = 50
/** Byes are spread at random. The probability of fewer in one half of the window is below one in a million. */
const LEAST_IN_HALF = 8
/** The time limit for the process to end after the window. */
const DRAIN_GRACE_MS = 2_000
const OTHER_SITE = 'https://other.example'

/** The median time to the headers of a stream, and from the headers to the first event. */
export async function firstEvent({ url }: Setup): Promise<Cells> {
  const headersMs: number[] = []
  const eventMs: number[] = []
  for (let i = 0; i < SAMPLES; i++) {
    const stream = await openStream(`${url}/stream-time`)
    const first = await stream.event(() => true, EVENT_TIMEOUT_MS)
    stream.close()
    headersMs.push(stream.headersMs)
    eventMs.push((first?.atMs ?? Infinity) - stream.openedAtMs)
  }
  return {
    'headers after': fast(median(headersMs)),
    'first event after the headers': fast(median(eventMs)),
  }
}

/** How events arrive at a client that accepts compressed responses. */
export async function compressed(url: string, topic: string, server: QuietServer): Promise<Cells> {
  const stream = await openStream(url, {
    headers: { 'accept-encoding': 'gzip' },
    timeoutMs: EVENT_TIMEOUT_MS,
  }).catch(() => undefined)
  if (stream === undefined) return { 'headers after': fast(Infinity) }
  const delay = await eventDelay(stream, topic, server)
  stream.close()
  return {
    // No time limit, because this is a single sample.
    'headers after': { ...fast(stream.headersMs), holds: true },
    ...delay,
    compressed: { text: stream.isGzip ? 'yes' : 'no' },
  }
}

/** The server must notice that the clients of a busy stream have disconnected. */
export async function abort({ url }: Setup, api: ApiProcess): Promise<Cells> {
  const none = async (): Promise<true | undefined> => (await api.openStreams()) === 0 || undefined
  await poll(none, ABORT_LIMIT_MS)
  const streams = await openMany(`${url}/stream-time`, OPEN_STREAMS)
  await Promise.all(streams.map((stream) => stream.event(() => true, EVENT_TIMEOUT_MS)))
  const open = await api.openStreams()
  const startedAtMs = performance.now()
  for (const stream of streams) stream.close()
  const isOver = await poll(none, ABORT_LIMIT_MS)
  const text = isOver ? duration(performance.now() - startedAtMs) : 'not noticed'
  return {
    'client abort noticed after': {
      text: open === OPEN_STREAMS ? text : `${open} of ${OPEN_STREAMS} streams`,
      holds: open === OPEN_STREAMS && isOver === true,
    },
  }
}

/** A client that reconnects with its last event ID gets the missed events in order. */
export async function resume({ url }: Setup, api: ApiProcess): Promise<Cells> {
  const path = '/events?topic=time'
  const witness = await openStream(`http://127.0.0.1:${api.port}${path}`)
  try {
    const before = await openStream(`${url}${path}`)
    const last = await before.event(isTime, EVENT_TIMEOUT_MS)
    before.close()
    if (last === undefined) return { resume: { text: 'no event', holds: false } }
    const missed = () => {
      const ids = witness.events.filter(isTime).map(({ id }) => id)
      return ids.slice(ids.indexOf(last.id) + 1)
    }
    await poll(() => missed().length >= MISSED_EVENTS || undefined, EVENT_TIMEOUT_MS)
    const expected = missed().slice(0, MISSED_EVENTS)
    const after = await openStream(`${url}${path}`, { headers: { 'last-event-id': last.id } })
    await after.event(({ id }) => id === expected.at(-1), EVENT_TIMEOUT_MS)
    after.close()
    const isResumed = after.events.some(
      ({ event, data }) => event === 'downlink.hello' && data.includes('"resumed"'),
    )
    const ids = after.events.filter(isTime).map(({ id }) => id)
    const holds = isResumed && expected.every((id, i) => ids[i] === id)
    return { resume: { text: holds ? `${MISSED_EVENTS} missed events` : 'no', holds } }
  } finally {
    witness.close()
  }
}

/** A page of the same origin can start a training run; a page of another site cannot. */
export async function post({ url }: Setup, api: ApiProcess): Promise<Cells> {
  const own = await fetch(`${url}/training-runs`, {
    method: 'POST',
    headers: { origin: url, 'sec-fetch-site': 'same-origin' },
  })
  const location = own.headers.get('location')
  await own.body?.cancel()
  if (location !== null)
    await fetch(`http://127.0.0.1:${api.port}${location}`, { method: 'DELETE' })
  const other = await fetch(`${url}/training-runs`, {
    method: 'POST',
    headers: { origin: OTHER_SITE, 'sec-fetch-site': 'cross-site' },
  })
  await other.body?.cancel()
  return {
    'POST of the same origin': { text: String(own.status), holds: own.status === 201 },
    'POST of another site': { text: String(other.status), holds: other.status === 403 },
  }
}

/** The server logs the real address of the client, not the one in a forged header. */
export async function clientAddress({ url, clientHost }: Setup, api: ApiProcess): Promise<Cells> {
  // Only Linux accepts every address in 127.0.0.0/8.
  if (process.platform !== 'linux') return {}
  const address = `127.0.0.${clientHost}`
  const claimed = `203.0.113.${clientHost}`
  const stream = await openStream(`${url}/stream-time`, {
    headers: { 'x-forwarded-for': claimed },
    localAddress: address,
  })
  await stream.event(() => true, EVENT_TIMEOUT_MS)
  stream.close()
  const logged = await poll(
    () => api.loggedAddresses().find((is) => is === address || is === claimed),
    ABORT_LIMIT_MS,
  )
  const text =
    logged === address ? 'the client’s' : logged === claimed ? 'any forged one' : 'the proxy’s'
  return { 'address in the log': { text, holds: logged === address } }
}

/** The number of streams, up to 200, that the limits of the program allow. */
export async function capacity({ url }: Setup): Promise<Cells> {
  const opening = Array.from({ length: CAPACITY_STREAMS }, () =>
    openStream(`${url}/stream-time`, { timeoutMs: CAPACITY_TIMEOUT_MS }).catch(() => undefined),
  )
  const open = (await Promise.all(opening)).filter((stream) => stream !== undefined)
  for (const stream of open) stream.close()
  return { 'streams at once': { text: `${open.length} of ${CAPACITY_STREAMS}` } }
}

/** After SIGTERM, every client gets a bye, and the byes are spread over the window. */
export async function drain(
  setups: readonly Setup[],
  api: ApiProcess,
  windowMs: number,
): Promise<Cells[]> {
  const opened = await Promise.all(
    setups.map(({ url }) => openMany(`${url}/events?topic=time`, DRAIN_STREAMS).catch(() => [])),
  )
  await Promise.all(opened.flat().map((stream) => stream.event(() => true, EVENT_TIMEOUT_MS)))
  const startedAtMs = performance.now()
  const code = await api.stop()
  const tookMs = performance.now() - startedAtMs
  await Promise.all(opened.flat().map((stream) => stream.endsWithin(DRAIN_GRACE_MS)))
  return opened.map((streams) => {
    const byesAtMs = streams
      .map((stream) => stream.events.find(({ event }) => event === 'downlink.bye')?.atMs)
      .filter((atMs) => atMs !== undefined)
      .map((atMs) => atMs - startedAtMs)
    const early = byesAtMs.filter((ms) => ms < windowMs / 2).length
    const first = seconds(Math.min(...byesAtMs))
    const last = seconds(Math.max(...byesAtMs))
    for (const stream of streams) stream.close()
    return {
      'byes on SIGTERM': {
        text: `${byesAtMs.length} of ${DRAIN_STREAMS}`,
        holds: byesAtMs.length === DRAIN_STREAMS && code === 0,
      },
      'byes between': {
        text: byesAtMs.length === 0 ? 'never' : `${first} and ${last}`,
        holds:
          Math.min(early, byesAtMs.length - early) >= LEAST_IN_HALF &&
          tookMs < windowMs + DRAIN_GRACE_MS,
      },
    }
  })
}

/** Two minutes without events, then some events, then the client disconnects. */
export async function quiet({ quietUrl, topic }: Setup, server: QuietServer): Promise<Cells> {
  const stream = await openStream(`${quietUrl}/${topic}`)
  const firstComments = stream.comments()
  const hasEnded = await stream.endsWithin(QUIET_MS)
  const heartbeats = stream.comments() - firstComments
  const delay = await eventDelay(stream, topic, server)
  const startedAtMs = performance.now()
  stream.close()
  const isGone = () => server.subscriberCount(topic) === 0 || undefined
  const isOver = await poll(isGone, QUIET_ABORT_LIMIT_MS)
  const goneAfter = duration(performance.now() - startedAtMs)
  return {
    ...delay,
    '2 minutes without an event': {
      text: hasEnded ? 'cut' : `open, ${heartbeats} heartbeats`,
      holds: !hasEnded && heartbeats >= LEAST_HEARTBEATS,
    },
    'abort of a quiet stream noticed after': {
      text: isOver ? goneAfter : 'not noticed',
      holds: isOver === true,
    },
  }
}

/** How long the proxy keeps a quiet stream open without heartbeats. */
export async function silence({ quietUrl, topic }: Setup): Promise<Cells> {
  const stream = await openStream(`${quietUrl}/${topic}-silent?heartbeat=off`)
  const hasEnded = await stream.endsWithin(QUIET_MS)
  const tookMs = performance.now() - stream.openedAtMs
  stream.close()
  return {
    'without heartbeats': { text: hasEnded ? `cut after ${Math.round(tookMs / 1_000)} s` : 'open' },
  }
}

/** The median time from publishing an event to its arrival. */
async function eventDelay(stream: OpenStream, topic: string, server: QuietServer): Promise<Cells> {
  const delaysMs: number[] = []
  for (let i = 0; i < SAMPLES; i++) {
    const isNew = newEvents(stream)
    const publishedAtMs = performance.now()
    await server.publish(topic)
    const event = await stream.event(isNew, EVENT_TIMEOUT_MS)
    delaysMs.push((event?.atMs ?? Infinity) - publishedAtMs)
    if (event === undefined) return { 'delay of an event': fast(Infinity) }
    await pause(EVENT_PAUSE_MS)
  }
  return { 'delay of an event': fast(median(delaysMs)) }
}

async function openMany(url: string, count: number): Promise<readonly OpenStream[]> {
  return Promise.all(Array.from({ length: count }, () => openStream(url)))
}

function isTime({ event }: ReceivedEvent): boolean {
  return event.startsWith('time/')
}

/** Whether an event arrives after this call. */
function newEvents({ events }: OpenStream): (event: ReceivedEvent) => boolean {
  const known = events.length
  return (event) => events.indexOf(event) >= known
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Infinity
}

function fast(ms: number): Cell {
  return { text: ms === Infinity ? 'never' : `${Math.round(ms)} ms`, holds: ms < FAST_MS }
}

function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : seconds(ms)
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
