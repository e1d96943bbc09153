// An API that plays a script instead of measuring anything: the built page in any state, at any rate, for pictures and
// measurements. It speaks the same wire as apps/api and serves the page under the same Content-Security-Policy.
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
const SYMBOLS = { AAPL: 150, GOOGL: 2800, MSFT: 300 }

/**
 * @typedef {object} Script
 * @property {'stream' | 'silent' | 'hang' | 'refuse'} [events] What `/events` does; `stream` by default.
 * @property {number} [hertz] Events a second of each topic; 1 by default.
 * @property {number} [history] Seconds of system readings sent at once, before the live ones.
 * @property {number} [runMs] How long a run takes; 26,000 by default.
 */

/** Listens on a free port. `script` may be changed while it runs. @param {Script} script */
export async function startScriptedApi(script = {}) {
  /** @type {Set<import('node:http').ServerResponse>} */
  const streams = new Set()
  const runs = new Map()
  let seq = 0
  let random = 7

  /** The same pictures at every run. */
  function chance() {
    random = (random * 1664525 + 1013904223) >>> 0
    return random / 2 ** 32
  }

  const stats = { cpu: 38, memory: 66 }
  const prices = { ...SYMBOLS }

  function systemStats() {
    stats.cpu = Math.min(
      92,
      Math.max(6, stats.cpu + (chance() - 0.5) * 9 + (36 - stats.cpu) * 0.05),
    )
    stats.memory = Math.min(78, Math.max(60, stats.memory + (chance() - 0.48) * 0.5))
    return {
      cpu_percent: round(stats.cpu),
      memory_percent: round(stats.memory),
      memory_used_mb: round(163.84 * stats.memory),
      memory_total_mb: 16384,
    }
  }

  /** @param {keyof typeof SYMBOLS} symbol */
  function price(symbol) {
    const change = round(chance() - 0.5)
    prices[symbol] = round(Math.max(0, prices[symbol] + change))
    return { symbol, price: prices[symbol], change }
  }

  /** @param {import('node:http').ServerResponse} response @param {string} event @param {unknown} data */
  function send(response, event, data) {
    if (response.destroyed) return
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    seq += 1
    response.write(`id: ${EPOCH}-${seq}\nevent: ${event}\ndata: ${text}\n\n`)
  }

  /** @param {import('node:http').ServerResponse} response @param {URL} url @param {string | undefined} lastEventId */
  function stream(response, url, lastEventId) {
    if (script.events === 'hang') return
    if (script.events === 'refuse') return void problem(response, 404, 'No such stream')
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache, no-transform',
    })
    response.write(': hello\n\nretry: 1000\n\n')
    const outcome = lastEventId?.startsWith(EPOCH) ? 'resumed' : 'fresh'
    send(response, 'downlink.hello', { heartbeatMs: 15_000, outcome })
    if (script.events === 'silent') return
    streams.add(response)
    const topics = new Set(url.searchParams.getAll('topic'))
    const everyMs = 1000 / (script.hertz ?? 1)
    const tick = () => {
      if (script.events === 'silent') return
      if (topics.has('time')) send(response, 'time/message', `The time is ${timeOfDay()}`)
      if (topics.has('system-stats')) send(response, 'system-stats/message', systemStats())
      if (topics.has('stocks')) {
        const symbols = /** @type {(keyof typeof SYMBOLS)[]} */ (Object.keys(SYMBOLS))
        for (const symbol of symbols) send(response, `stocks/${symbol}`, price(symbol))
      }
    }
    tick()
    const timers = [setInterval(tick, everyMs)]
    for (const topic of topics) {
      const run = runs.get(topic.split('/')[1])
      if (run) timers.push(play(response, topic, run))
    }
    response.on('close', () => {
      timers.forEach(clearInterval)
      streams.delete(response)
    })
  }

  /** @param {import('node:http').ServerResponse} response @param {string} topic @param {{ startedMs: number, state: string }} run */
  function play(response, topic, run) {
    const runMs = script.runMs ?? 26_000
    let sent = 0
    const timer = setInterval(() => {
      const steps = Math.min(1000, Math.floor(((Date.now() - run.startedMs) / runMs) * 1000))
      for (; sent < steps; sent += 1) {
        const epoch = Math.floor(sent / 100) + 1
        const step = (sent % 100) + 1
        const loss = (1 / epoch) * (1 - step / 100) + 0.1
        send(response, `${topic}/progress`, {
          epoch,
          total_epochs: 10,
          progress_percent: step,
          loss: Math.round(loss * 1e4) / 1e4,
        })
      }
      if (sent < 1000) return
      clearInterval(timer)
      run.state = 'complete'
      send(response, `${topic}/complete`, 'Training complete!')
    }, 50)
    return timer
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://scripted')
    const [, first, id] = url.pathname.split('/')
    if (first === 'events') {
      const given = request.headers['last-event-id'] ?? url.searchParams.get('lastEventId')
      stream(response, url, given ? String(given) : undefined)
    } else if (first === 'time') json(response, 200, { now: Date.now() })
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
    /** Cuts every open stream, as a crash would. */
    cut() {
      for (const response of streams) response.destroy()
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

function timeOfDay() {
  return new Date().toTimeString().slice(0, 8)
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 100) / 100
}
