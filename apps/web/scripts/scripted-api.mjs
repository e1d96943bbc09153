// An API whose events are scripted, for screenshots and measurements of the built page in any state and at any rate. It
// uses the wire format of apps/api and serves the page with the same Content-Security-Policy.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const DIST = fileURLToPath(new URL('../dist/', import.meta.url))
const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
}
export const CSP = "default-src 'self'"
const EPOCH = 'scripted'
/** The number of events that can be replayed. */
const MAX_LOG = 5000
const SYMBOLS = { AAPL: 150, GOOGL: 2800, MSFT: 300 }

/**
 * @typedef {object} Script
 * @property {'stream' | 'silent' | 'hang' | 'drop' | 'refuse'} [events] What `/events` does; `stream` by default.
 * @property {number} [now] The response of `/time`; the current time by default.
 * @property {number} [hertz] Events per second and topic; 1 by default. With 0, only `tick()` sends events.
 */

/** Listens on a free port. `script` may be changed at any time. @param {Script} script */
export async function startScriptedApi(script = {}) {
  /** @type {Map<import('node:http').ServerResponse, Set<string>>} */
  const streams = new Map()
  /** @type {{ seq: number, topic: string, name: string, data: unknown }[]} */
  const log = []
  const runs = new Map()
  let seq = 0
  let seed = 7

  /** Pseudo-random numbers, the same in every run. */
  function random() {
    seed = (seed * 1664525 + 1013904223) >>> 0
    return seed / 2 ** 32
  }

  const stats = { cpu: 38, memory: 66 }
  const prices = { ...SYMBOLS }

  function systemStats() {
    stats.cpu = Math.min(
      92,
      Math.max(6, stats.cpu + (random() - 0.5) * 9 + (36 - stats.cpu) * 0.05),
    )
    stats.memory = Math.min(78, Math.max(60, stats.memory + (random() - 0.48) * 0.5))
    return {
      cpu_percent: round(stats.cpu),
      memory_percent: round(stats.memory),
      memory_used_mb: round(163.84 * stats.memory),
      memory_total_mb: 16384,
    }
  }

  /** @param {keyof typeof SYMBOLS} symbol */
  function price(symbol) {
    const change = round(random() - 0.5)
    prices[symbol] = round(Math.max(0, prices[symbol] + change))
    return { symbol, price: prices[symbol], change }
  }

  /** @param {import('node:http').ServerResponse} response @param {URL} url @param {string | undefined} lastEventId */
  function stream(response, url, lastEventId) {
    if (script.events === 'hang') return
    if (script.events === 'drop') return void response.destroy()
    if (script.events === 'refuse') return void problem(response, 404, 'No such stream')
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache, no-transform',
    })
    response.write(': hello\n\nretry: 1000\n\n')
    const outcome = lastEventId?.startsWith(EPOCH) ? 'resumed' : 'fresh'
    write(response, `${EPOCH}-${seq}`, 'downlink.hello', { heartbeatMs: 15_000, outcome })
    const topics = new Set(url.searchParams.getAll('topic'))
    const missed =
      outcome === 'resumed' ? log.filter((event) => event.seq > seqOf(lastEventId)) : []
    for (const { seq, topic, name, data } of missed) {
      if (topics.has(topic)) write(response, `${EPOCH}-${seq}`, name, data)
    }
    streams.set(response, topics)
    const hertz = script.hertz ?? 1
    const timer = hertz > 0 ? setInterval(() => tick(), 1000 / hertz) : undefined
    if (hertz > 0) tick()
    response.on('close', () => {
      clearInterval(timer)
      streams.delete(response)
    })
  }

  /** Sends one event of each topic, or symbol, at the time `at`. */
  function tick(at = Date.now()) {
    if (script.events === 'silent' || script.events === 'hang') return
    publish('time', 'message', `The time is ${new Date(at).toTimeString().slice(0, 8)}`)
    publish('system-stats', 'message', systemStats())
    const symbols = /** @type {(keyof typeof SYMBOLS)[]} */ (Object.keys(SYMBOLS))
    for (const symbol of symbols) publish('stocks', symbol, price(symbol))
  }

  /** Sends a price of one symbol. */
  function trade() {
    const symbols = /** @type {(keyof typeof SYMBOLS)[]} */ (Object.keys(SYMBOLS))
    const symbol = symbols[Math.floor(random() * symbols.length)] ?? 'AAPL'
    publish('stocks', symbol, price(symbol))
  }

  /** Sends a step of a run, with the loss of the real API. @param {string} id @param {number} step From 0. */
  function step(id, step) {
    const epoch = Math.floor(step / 100) + 1
    const loss = (1 / epoch) * (1 - ((step % 100) + 1) / 100) + 0.1
    publish(`training/${id}`, 'progress', {
      epoch,
      total_epochs: 10,
      progress_percent: (step % 100) + 1,
      loss: Math.round(loss * 1e4) / 1e4,
    })
  }

  /** @param {string} topic @param {string} event @param {unknown} data */
  function publish(topic, event, data) {
    seq += 1
    const name = `${topic}/${event}`
    log.push({ seq, topic, name, data })
    if (log.length > MAX_LOG) log.shift()
    for (const [response, topics] of streams) {
      if (topics.has(topic)) write(response, `${EPOCH}-${seq}`, name, data)
    }
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://scripted')
    const [, first, id] = url.pathname.split('/')
    if (first === 'events') {
      const given = request.headers['last-event-id'] ?? url.searchParams.get('lastEventId')
      stream(response, url, given ? String(given) : undefined)
    } else if (first === 'time') json(response, 200, { now: script.now ?? Date.now() })
    else if (first === 'training-runs') {
      const run = id === undefined ? undefined : runs.get(id)
      if (request.method === 'POST') {
        const made = { id: `run-${runs.size + 1}`, state: 'running', startedMs: Date.now() }
        runs.set(made.id, made)
        json(response, 201, view(made))
      } else if (!run) problem(response, 404, 'No such run')
      else {
        if (request.method === 'DELETE') run.state = 'cancelled'
        json(response, 200, view(run))
      }
    } else void serveFile(response, url.pathname)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())

  return {
    url: `http://127.0.0.1:${address.port}`,
    script,
    tick,
    trade,
    step,
    publish,
    get viewers() {
      return streams.size
    },
    /** Closes every stream without a goodbye event, as a crash does. */
    cut() {
      for (const response of streams.keys()) response.destroy()
    },
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

/** @param {import('node:http').ServerResponse} response @param {string} path */
async function serveFile(response, path) {
  const file = join(DIST, normalize(path === '/' ? '/index.html' : path))
  try {
    const body = await readFile(file)
    const type =
      TYPES[/** @type {keyof typeof TYPES} */ (extname(file))] ?? 'application/octet-stream'
    response.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': CSP })
    response.end(body)
  } catch {
    problem(response, 404, 'No such file: run the build first')
  }
}

/** @param {import('node:http').ServerResponse} response @param {number} status @param {unknown} body */
function json(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(body))
}

/** @param {import('node:http').ServerResponse} response @param {number} status @param {string} title */
function problem(response, status, title) {
  response.writeHead(status, { 'Content-Type': 'application/problem+json' })
  response.end(JSON.stringify({ status, title }))
}

/** @param {{ id: string, state: string, startedMs: number }} run */
function view({ id, state, startedMs }) {
  return { id, state, topic: `training/${id}`, startedAt: new Date(startedMs).toISOString() }
}

/** @param {import('node:http').ServerResponse} response @param {string} id @param {string} event @param {unknown} data */
function write(response, id, event, data) {
  if (response.destroyed) return
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  response.write(`id: ${id}\nevent: ${event}\ndata: ${text}\n\n`)
}

/** @param {string | undefined} id */
function seqOf(id) {
  return Number(id?.split('-').at(-1) ?? 0)
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 100) / 100
}
