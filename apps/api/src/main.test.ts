import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { freePort } from '../../../tools/free-port.mjs'

// A process takes a second to start, and longer on a busy machine.
vi.setConfig({ testTimeout: 30_000 })

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
const NODE_OPTIONS = ['--conditions=@downlink/source', '--import=tsx']
/** On Linux, every write to it fails with ENOSPC. */
const FULL_DISK = '/dev/full'
const STARTED = /^Downlink is at (http:\S+)\n/
const FAIL_SOON =
  'data:text/javascript,setTimeout(() => Promise.reject(new Error("forgotten")), 300)'

/** Runs the API as a process, like `nx serve api`. */
function run(env: Record<string, string>, ...nodeOptions: string[]) {
  const child = spawn(process.execPath, [...NODE_OPTIONS, ...nodeOptions, MAIN], {
    // Without npm, every signal counts.
    env: {
      ...process.env,
      npm_lifecycle_event: undefined,
      PORT: '0',
      LOG_LEVEL: 'silent',
      ...env,
    },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const output = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString()))
  const exited = once(child, 'close').then(([code]) => code as number)
  const started = new Promise<string>((resolve, reject) => {
    child.on('exit', () => reject(new Error(`The API did not start: ${output.err}`)))
    child.stdout.on('data', () => {
      const url = STARTED.exec(output.out)?.[1]
      if (url !== undefined) resolve(url)
    })
  })
  started.catch(() => undefined)
  return { child, output, exited, started }
}

test.skipIf(!existsSync(FULL_DISK))('a full disk does not stop the server', async () => {
  const port = await freePort()
  const full = openSync(FULL_DISK, 'w')
  onTestFinished(() => closeSync(full))
  const child = spawn(process.execPath, [...NODE_OPTIONS, MAIN], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', full, 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const url = `http://127.0.0.1:${port}`
  const isUp = async () => (await fetch(`${url}/livez`).catch(() => undefined))?.status
  await expect.poll(isUp, { timeout: 20_000 }).toBe(200)
  const stream = await fetch(`${url}/stream-time`)
  await stream.body?.cancel()
  await expect
    .poll(async () => (await fetch(`${url}/metrics`)).text())
    .toContain('sse_disconnects_total{reason="client"} 1')
  expect(errors).toBe('')
})

test('an invalid setting prints one line and exits with code 1', async () => {
  const { exited, output } = run({ PORT: 'eighty' })
  expect(await exited).toBe(1)
  expect(output).toEqual({
    out: '',
    err: 'PORT must be a whole number from 0 to 65535, or the path of a Unix socket with a / and at most 103 bytes, not "eighty". Change it or unset it (default 8000).\n',
  })
})

test('Ctrl-C ends open streams at once, independent of DRAIN_MS', async () => {
  const { child, started, exited } = run({ DRAIN_MS: '600000' })
  const response = await fetch(`${await started}/stream-time`)
  child.kill('SIGINT')
  expect(await response.text()).toContain('The time is')
  expect(await exited).toBe(0)
})

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('a second signal, %s, exits at once', async (second, code) => {
  const { child, started, exited } = run({ DRAIN_MS: '600000' })
  const url = new URL(await started)
  const stream = await openSocket(url)
  child.kill('SIGTERM')
  await expect.poll(() => isReady(url)).toBe(false)
  child.kill(second)
  expect(await exited).toBe(code)
  await stream.ended
})

test('SIGHUP ends every stream with downlink.bye', async () => {
  const { child, started, exited } = run({ DRAIN_MS: '300' })
  const url = new URL(await started)
  const streams = await Promise.all(Array.from({ length: 10 }, () => openSocket(url)))
  child.kill('SIGHUP')
  await Promise.all(streams.map(({ ended }) => ended))
  expect(await exited).toBe(0)
  for (const { text } of streams) expect(text()).toContain('event: downlink.bye')
})

/** False also if the server does not respond. */
async function isReady(url: URL): Promise<boolean> {
  return fetch(new URL('/readyz', url)).then(
    ({ ok }) => ok,
    () => false,
  )
}

describe('when standard output is blocked', () => {
  /** An address is part of a log line, so long ones fill pipe and buffer (about 1.3 MB) with few streams. */
  const LONG_ADDRESS = 'x'.repeat(12_000)
  const STREAMS = 150

  async function runUnread() {
    const port = await freePort()
    const child = spawn(process.execPath, [...NODE_OPTIONS, MAIN], {
      env: { ...process.env, PORT: String(port), TRUST_PROXY: '1' },
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const url = new URL(`http://127.0.0.1:${port}`)
    await expect.poll(() => isReady(url), { timeout: 20_000 }).toBe(true)
    const metrics = () => fetch(new URL('/metrics', url)).then((answer) => answer.text())
    const exited = once(child, 'exit').then(([code]) => code as number)
    /** Opens and closes streams: each logs one line. */
    const log = async () => {
      for (let i = 0; i < STREAMS; i++) {
        const { socket } = await openSocket(url, `X-Forwarded-For: ${LONG_ADDRESS}`)
        socket.destroy()
      }
    }
    return { child, exited, metrics, log }
  }

  test('drops and counts lines, and SIGTERM ends the process', async () => {
    const { child, exited, metrics, log } = await runUnread()
    await log()
    await expect.poll(metrics).toMatch(/^log_lines_dropped_total [1-9]/m)
    child.kill('SIGTERM')
    expect(await exited).toBe(0)
  })

  test('logs the number of lines dropped since the last report each time the output is read again', async () => {
    const { child, metrics, log } = await runUnread()
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString())).pause()
    const linesWith = (message: string) => out.split('\n').filter((line) => line.includes(message))
    for (const round of [1, 2]) {
      await log()
      await expect
        .poll(metrics, { timeout: 10_000 })
        .toContain(`sse_disconnects_total{reason="client"} ${round * STREAMS}`)
      const dropped = Number(/^log_lines_dropped_total (\d+)/m.exec(await metrics())?.[1])
      child.stdout.resume()
      await expect
        .poll(() => linesWith('log lines dropped'), { timeout: 10_000 })
        .toHaveLength(round)
      child.stdout.pause()
      expect(linesWith('stream closed')).toHaveLength(round * STREAMS - dropped)
      const reports = linesWith('log lines dropped').map(
        (line) => JSON.parse(line) as { readonly level: number; readonly lines: number },
      )
      expect(reports.map(({ level }) => level)).toEqual(Array(round).fill(40))
      expect(reports.reduce((sum, { lines }) => sum + lines, 0)).toBe(dropped)
    }
  })

  test('the server continues when the reader of its output has exited', async () => {
    const { child, exited, metrics, log } = await runUnread()
    child.stdout.destroy()
    await log()
    await expect.poll(metrics).toContain(`sse_disconnects_total{reason="client"} ${STREAMS}`)
    child.kill('SIGTERM')
    expect(await exited).toBe(0)
  })
})

test.skipIf(process.platform === 'win32')(
  'at the limit on file descriptors, new connections are closed, and open streams and files still work',
  async () => {
    const port = await freePort()
    const command = `ulimit -n 160 && exec "$0" "$@"`
    const child = spawn('sh', ['-c', command, process.execPath, ...NODE_OPTIONS, MAIN], {
      env: { ...process.env, PORT: String(port), LOG_LEVEL: 'silent' },
      stdio: 'ignore',
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const url = new URL(`http://127.0.0.1:${port}`)
    await expect.poll(() => isReady(url), { timeout: 20_000 }).toBe(true)
    // One connection is kept alive for requests while the streams use all others.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    const ask = (method: string, path: string) =>
      new Promise<string>((resolve, reject) =>
        request(new URL(path, url), { method, agent }, (res) => void text(res).then(resolve))
          .on('error', reject)
          .end(),
      )
    await ask('HEAD', '/')
    const streams: Promise<OpenStream | undefined>[] = []
    for (let i = 0; i < 200; i++) streams.push(openSocket(url).catch(() => undefined))
    const open = (await Promise.all(streams)).filter((stream) => stream !== undefined)
    expect(open.length).toBeGreaterThan(0)
    expect(open.length).toBeLessThan(160)
    await ask('HEAD', '/')
    expect(await ask('GET', '/metrics')).toContain(
      `connections_refused_total ${200 - open.length}\n`,
    )
    expect(open.every(({ socket }) => !socket.closed)).toBe(true)
    child.kill('SIGTERM')
    await Promise.all(open.map(({ ended }) => ended))
    for (const stream of open) expect(stream.text()).toContain('event: downlink.bye')
  },
)

test('an unhandled rejection ends the process with code 1', async () => {
  const { exited, output } = run({}, `--import=${FAIL_SOON}`)
  expect(await exited).toBe(1)
  expect(output.err).toContain('forgotten')
})

test('SIGTERM ends 1,000 streams with downlink.bye, and then the process', async () => {
  const { child, started, exited } = run({ DRAIN_MS: '1000' })
  const url = new URL(await started)
  const streams = await Promise.all(Array.from({ length: 1_000 }, () => openSocket(url)))
  child.kill('SIGTERM')
  await Promise.all(streams.map(({ ended }) => ended))
  expect(await exited).toBe(0)
  expect(streams.filter(({ text }) => text().includes('event: downlink.bye'))).toHaveLength(1_000)
})

test('SIGTERM ends streams over the whole window', async () => {
  // Ten minutes, so that a slow machine does not reach the end: one stream ends every 0.6 s on average.
  const { child, started, exited } = run({ DRAIN_MS: '600000' })
  const url = new URL(await started)
  const streams = await Promise.all(Array.from({ length: 1_000 }, () => openSocket(url)))
  child.kill('SIGTERM')
  const first = await Promise.race(
    streams.map(async (stream) => {
      await stream.ended
      return stream
    }),
  )
  expect(first.text()).toContain('event: downlink.bye')
  expect(await isReady(url)).toBe(false)
  const metrics = await (await fetch(`${url.origin}/metrics`)).text()
  const open = Number(/^sse_connections (\d+)$/m.exec(metrics)?.[1])
  expect(open).toBeGreaterThan(500)
  expect(open).toBeLessThan(1_000)
  child.kill('SIGINT')
  expect(await exited).toBe(130)
})

interface OpenStream {
  readonly socket: Socket
  readonly ended: Promise<void>
  readonly text: () => string
}

/** Opens a stream and resolves with it after its first bytes. */
function openSocket({ port }: URL, ...headers: string[]): Promise<OpenStream> {
  const head = ['GET /events?topic=time HTTP/1.1', 'Host: localhost', ...headers, '', '']
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(head.join('\r\n')))
    let text = ''
    const ended = new Promise<void>((done) => socket.on('close', () => done()))
    socket.setEncoding('utf8')
    socket.on('data', (part: string) => {
      text += part
      resolve({ socket, ended, text: () => text })
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('The connection closed before the first event.')))
  })
}
