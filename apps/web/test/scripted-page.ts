// The whole page on a link that a test controls: its events, and its status.
import type { LinkStatus, StreamHandlers, WireFrame } from '@downlink/client'
import { instance, unpack, type ResumeOutcome, type Stream } from '@downlink/protocol'
import { stocks, systemStats, time, training } from '@downlink/protocol/streams'
import { render } from 'vitest-browser-svelte'
import App from '../src/App.svelte'
import type { ConnectOptions, PageLink } from '../src/connection/connect.ts'
import { streams } from '../src/streams/index.ts'
import type { Run } from '../src/streams/training/runs.ts'
import { ScriptedRuns } from './scripted-runs.ts'
import '../src/styles/tokens.css'
import '../src/styles/base.css'
import { Dashboard } from '../src/page/dashboard.svelte.ts'

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

/**
 * Renders the page with the query `search`, on an API that knows the runs `known`, and waits for its subscriptions. The
 * link stays idle until the test changes the status.
 */
export async function scriptedPage(search = '', known: readonly Run[] = []): Promise<ScriptedPage> {
  const link = new ScriptedLink()
  const runs = new ScriptedRuns()
  for (const run of known) runs.known.set(run.id, run)
  const dashboard = new Dashboard({
    streams,
    connect: (options) => Promise.resolve(link.connect(options)),
    search,
    fetch: runs.fetch,
  })
  const { unmount } = await render(App, { dashboard })
  await link.subscribed
  return { dashboard, link, runs, unmount }
}

export class ScriptedLink {
  status: LinkStatus = { state: 'idle' }
  /** Calls of `retryNow` and `close`. */
  retries = 0
  closed = 0
  /** The transport of each connection. */
  readonly transports: string[] = []
  /** Resolves when the page has subscribed to its topics, which it does in one tick. */
  readonly subscribed: Promise<void>
  #onSubscribed: () => void = () => undefined
  #seq = 0
  #onFrame: (frame: WireFrame) => void = () => undefined
  readonly #subscribers = new Set<Subscriber>()
  readonly #listeners = new Set<(status: LinkStatus) => void>()

  constructor() {
    this.subscribed = new Promise((resolve) => (this.#onSubscribed = resolve))
  }

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
        this.#onSubscribed()
        return () => void this.#subscribers.delete(subscriber)
      },
      retryNow: () => void (this.retries += 1),
      close: () => {
        this.closed += 1
        this.#subscribers.clear()
      },
    }
  }

  /** The topics of the subscriptions. */
  get topics(): string[] {
    return [...this.#subscribers].map(({ stream }) => stream.topic)
  }

  setStatus(status: LinkStatus): void {
    this.status = status
    for (const listener of [...this.#listeners]) listener(status)
  }

  live(): void {
    this.setStatus({ state: 'live', since: Date.now() })
  }

  /** The link failed with an error that has the given message and facts. */
  fail(message: string, facts: { code?: string; status?: number }): void {
    const error = Object.assign(new Error(message), facts)
    this.setStatus({ state: 'failed', error: error as never })
  }

  resume(outcome: ResumeOutcome): void {
    for (const { handlers } of this.#subscribers) handlers.onResume?.(outcome)
  }

  /** A block of the event stream, as `onFrame` receives it. */
  frame(text: string): void {
    this.#onFrame({ text, bytes: text.length, receivedAt: Date.now() })
  }

  /** Delivers an event to its subscribers, or reports it if it breaks the contract. */
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
