/**
 * `npm run faults -w @downlink/log-lmdb -- [kills] [readers]`: kills a server with `kill -9` while it publishes, 100 times with
 * 100 readers by default, and checks that each reader got every acknowledged event once and in order.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createDecoder } from '@downlink/protocol/sse'

const [, , killsText = '100', readersText = '100'] = process.argv
const kills = Number(killsText)
const path = mkdtempSync(join(tmpdir(), 'downlink-faults-'))
const script = fileURLToPath(new URL('fault-server.ts', import.meta.url))

/** The data of each acknowledged event by id. */
const acknowledged = new Map<string, string>()
const problems: string[] = []
let port = 0
let onStopped: (() => void) | undefined
let onAcknowledged: (() => void) | undefined

interface Reader {
  lastEventId: string
  readonly ids: string[]
  readonly data: string[]
  gaps: number
}

const readers: Reader[] = []
let isDone = false

let child = await start(0)
for (let i = 0; i < Number(readersText); i++) {
  const reader: Reader = { lastEventId: '', ids: [], data: [], gaps: 0 }
  readers.push(reader)
  connect(reader)
}
await acknowledgements(50)
for (let kill = 1; kill <= kills; kill++) {
  await acknowledgements(acknowledged.size + 20 + Math.floor(Math.random() * 100))
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  child = await start(kill)
  if (kill % 10 === 0) console.log(`${kill} kills, ${acknowledged.size} events`)
}
await acknowledgements(acknowledged.size + 50)
const stopped = new Promise<void>((resolve) => (onStopped = resolve))
child.kill('SIGTERM')
await stopped
const newest = [...acknowledged.keys()].at(-1) ?? ''
const deadline = Date.now() + 30_000
while (
  readers.some((reader) => seqOf(reader.ids.at(-1)) < seqOf(newest)) &&
  Date.now() < deadline
) {
  await new Promise((resolve) => setTimeout(resolve, 50))
}
isDone = true
child.kill('SIGKILL')

const dataById = new Map(acknowledged)
for (const [place, reader] of readers.entries()) {
  if (reader.gaps > 0) problems.push(`Reader ${place} was told about ${reader.gaps} gaps.`)
  const seen = new Set(reader.ids)
  const first = seqOf(reader.ids[0])
  const missing = [...acknowledged.keys()].filter((id) => seqOf(id) >= first && !seen.has(id))
  if (missing.length > 0)
    problems.push(`Reader ${place} misses ${missing.length} events, first ${missing[0]}.`)
  for (const [i, id] of reader.ids.entries()) {
    if (i > 0 && seqOf(id) <= seqOf(reader.ids[i - 1]))
      problems.push(`Reader ${place}: ${id} is out of order.`)
    const known = dataById.get(id)
    const data = reader.data[i] ?? ''
    if (known !== undefined && known !== data) problems.push(`The id ${id} has two events.`)
    dataById.set(id, data)
  }
}
const received = readers.reduce((sum, { ids }) => sum + ids.length, 0)
console.log(
  `${kills} kills, ${readers.length} readers, ${acknowledged.size} acknowledged events, ${received} received: ${problems.length} problems`,
)
for (const problem of problems.slice(0, 20)) console.log(problem)
rmSync(path, { recursive: true, force: true })
process.exit(problems.length > 0 ? 1 : 0)

async function start(run: number): Promise<ChildProcess> {
  const server = spawn(
    process.execPath,
    ['--conditions=@downlink/source', '--import', 'tsx', script, path, `${port}`, `${run}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await new Promise<void>((resolve, reject) => {
    server.once('exit', () => reject(new Error('The server ended by itself.')))
    createInterface({ input: server.stdout }).on('line', (line) => {
      const [kind, first = '', second = ''] = line.split(' ')
      if (kind === 'port') {
        port = Number(first)
        resolve()
      } else if (kind === 'event' && second) {
        if (acknowledged.has(first)) problems.push(`The id ${first} was given out twice.`)
        acknowledged.set(first, second)
        onAcknowledged?.()
      } else if (kind === 'stopped') onStopped?.()
    })
  })
  return server
}

function acknowledgements(count: number): Promise<void> {
  return new Promise((resolve) => {
    onAcknowledged = () => {
      if (acknowledged.size < count) return
      onAcknowledged = undefined
      resolve()
    }
    onAcknowledged()
  })
}

function connect(reader: Reader): void {
  if (isDone) return
  let isClosed = false
  const again = () => {
    if (isClosed) return
    isClosed = true
    setTimeout(() => connect(reader), 20 + Math.random() * 50)
  }
  const headers = reader.lastEventId ? { 'Last-Event-ID': reader.lastEventId } : {}
  const decoder = createDecoder({
    onEvent({ event, data, id }) {
      reader.lastEventId = id
      if (event === 'downlink.hello') {
        if ((JSON.parse(data) as { outcome: string }).outcome === 'gap') reader.gaps += 1
      } else if (!event.startsWith('downlink.')) {
        reader.ids.push(id)
        reader.data.push(data)
      }
    },
  })
  const req = request({ port, host: '127.0.0.1', headers, agent: false }, (res) => {
    res.on('data', (chunk: Buffer) => decoder.push(chunk))
    res.on('error', again)
    res.on('close', again)
  })
  req.on('error', again)
  req.end()
}

function seqOf(id: string | undefined): number {
  return Number(id?.split('-')[1] ?? -1)
}
