// The whole page on a link that a test plays: what comes, when it comes, and what became of the connection.
import type { LinkStatus, StreamHandlers, WireFrame } from '@downlink/client'
import { instance, unpack, type ResumeOutcome, type Stream } from '@downlink/protocol'
import { stocks, systemStats, time, training } from '@downlink/protocol/streams'
import { render } from 'vitest-browser-svelte'
import App from './App.svelte'
import { Dashboard } from './page/dashboard.svelte.ts'
import type { ConnectOptions, PageLink } from './connection/page-link.ts'
import type { Run, Runs } from './streams/training/runs.ts'
import './styles/tokens.css'
import './styles/base.css'

interface Subscriber {
  readonly stream: Stream
  readonly handlers: StreamHandlers<Stream>
}

export interface ScriptedPage {
  readonly dashboard: Dashboard
  readonly link: ScriptedLink
  readonly runs: ScriptedRuns
  unmount(): Promise<void>
}

/** Renders the page; it has no connection until the test gives it a status. */
export async function scriptedPage(
  search = '',
  known: Readonly<Record<string, Run>> = {},
): Promise<ScriptedPage> {
  const link = new ScriptedLink()
  const runs = new ScriptedRuns()
  for (const run of Object.values(known)) runs.known.set(run.id, run)
  const connect = (options: ConnectOptions) => Promise.resolve(link.connect(options))
  const noTime: typeof fetch = () => Promise.reject(new TypeError('no network in this test'))
  const dashboard = new Dashboard({
    connect,
    runs: () => Promise.resolve(runs),
    search,
    fetch: noTime,
  })
  const { unmount } = await render(App, { dashboard })
  return { dashboard, link, runs, unmount }
}

export class ScriptedLink {
  status: LinkStatus = { state: 'idle' }
  retries = 0
  closed = 0
  readonly transports: string[] = []
  #seq = 0
  #onFrame: (frame: WireFrame) => void = () => undefined
  readonly #subscribers = new Set<Subscriber>()
  readonly #listeners = new Set<(status: LinkStatus) => void>()

  connect({ transport, onFrame }: ConnectOptions): PageLink {
    this.transports.push(transport)
    this.#onFrame = onFrame
    const status = () => this.status
    const lastEventId = () => `test-${this.#seq}`
    return {
      get status() {
        return status()
      },
      get lastEventId() {
        return lastEventId()
      },
      onStatus: (listener) => {
        this.#listeners.add(listener)
        return () => void this.#listeners.delete(listener)
      },
      subscribe: (stream, handlers) => {
        const subscriber = { stream, handlers: handlers as StreamHandlers<Stream> }
        this.#subscribers.add(subscriber)
        return () => void this.#subscribers.delete(subscriber)
      },
      retryNow: () => void (this.retries += 1),
      close: () => {
        this.closed += 1
        this.#subscribers.clear()
      },
    }
  }

  get topics(): string[] {
    return [...this.#subscribers].map(({ stream }) => stream.topic)
  }

  become(status: LinkStatus): void {
    this.status = status
    for (const listener of [...this.#listeners]) listener(status)
  }

  live(): void {
    this.become({ state: 'live', since: Date.now() })
  }

  resume(outcome: ResumeOutcome): void {
    for (const { handlers } of this.#subscribers) handlers.onResume?.(outcome)
  }

  /** A block of the wire, as the tap shows it. */
  frame(text: string): void {
    this.#onFrame({ text, bytes: text.length, receivedAt: Date.now() })
  }

  /** An event as it would be received: what breaks the contract is reported, not delivered. */
  emit(topic: string, event: string, data: unknown): void {
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    const id = `test-${(this.#seq += 1)}`
    this.frame(`id: ${id}\nevent: ${topic}/${event}\ndata: ${text}\n\n`)
    for (const { stream, handlers } of [...this.#subscribers]) {
      if (stream.topic !== topic) continue
      const unpacked = unpack(stream, { event, data: text, id })
      if (unpacked.ok) handlers.onEvent(unpacked.value)
      else handlers.onInvalid?.(unpacked.failure)
    }
  }

  tick(text: string): void {
    this.emit(time.topic, 'message', `The time is ${text}`)
  }

  stats(cpu: number, memory = 50): void {
    this.emit(systemStats.topic, 'message', {
      cpu_percent: cpu,
      memory_percent: memory,
      memory_used_mb: 11206.25,
      memory_total_mb: 16384,
    })
  }

  price(symbol: string, price: number, change: number): void {
    this.emit(stocks.topic, symbol, { symbol, price, change })
  }

  progress(runId: string, epoch: number, percent: number, loss: number): void {
    const data = { epoch, total_epochs: 10, progress_percent: percent, loss }
    this.emit(instance(training, runId).topic, 'progress', data)
  }
}

export class ScriptedRuns implements Runs {
  /** Set, it makes the next requests fail with these words. */
  refusal: string | null = null
  readonly known = new Map<string, Run>()
  readonly cancelled: string[] = []

  start(): Promise<Run> {
    if (this.refusal !== null) return Promise.reject(new Error(this.refusal))
    const run: Run = { id: `run-${this.known.size + 1}`, state: 'running', startedAt: Date.now() }
    this.known.set(run.id, run)
    return Promise.resolve(run)
  }

  find(id: string): Promise<Run | null> {
    if (this.refusal !== null) return Promise.reject(new Error(this.refusal))
    return Promise.resolve(this.known.get(id) ?? null)
  }

  cancel(id: string): Promise<void> {
    this.cancelled.push(id)
    return Promise.resolve()
  }
}
