// The whole page as state: one link, the four panels it feeds, and what the reader has chosen.
import type { Link, LinkStatus, StreamHandlers, WireFrame } from '@downlink/client'
import { instance, type Stream, type UnpackFailure } from '@downlink/protocol'
import {
  stocks,
  systemStats,
  time,
  training,
  type TrainingProgress,
} from '@downlink/protocol/streams'
import { Announcer } from './announcer.svelte.ts'
import { createJournal } from './journal.ts'
import { measureClockOffset } from './connection/clock-offset.ts'
import { ConnectionModel } from './connection/connection.svelte.ts'
import { ClockModel } from './panels/clock.svelte.ts'
import type { Runs } from './panels/runs.ts'
import { StocksModel } from './panels/stocks.svelte.ts'
import { SystemModel } from './panels/system.svelte.ts'
import { TrainingModel } from './panels/training.svelte.ts'
import { onRunElsewhere, rememberedRun, rememberRun } from './run-memory.ts'
import { Preferences } from './preferences.svelte.ts'
import { addFailure, type Problem } from './problem.ts'
import { View } from './view.svelte.ts'
import { PANELS, type PanelName, type Transport } from './view-query.ts'

/** What the page needs of a link; any source of events that has it will do. */
export type PageLink = Pick<Link, 'status' | 'onStatus' | 'lastEventId' | 'retryNow' | 'close'> & {
  subscribe<S extends Stream>(stream: S, handlers: StreamHandlers<S>): () => void
}

export interface ConnectOptions {
  readonly transport: Transport
  /** The id to resume from; empty to begin with what comes now. */
  readonly lastEventId: string
  readonly onFrame: (frame: WireFrame) => void
}

export type Connect = (options: ConnectOptions) => PageLink

export interface DashboardOptions {
  readonly connect: Connect
  readonly runs: Runs
  readonly search?: string
  readonly fetch?: typeof fetch
}

/** Clocks drift slowly, and a laptop that wakes is seen by the link first. */
const MEASURE_CLOCK_EVERY_MS = 300_000

export class Dashboard {
  readonly view: View
  readonly preferences = new Preferences()
  readonly announcer = new Announcer()
  readonly connection = new ConnectionModel()
  readonly clock = new ClockModel(this.connection.lateness)
  readonly system = new SystemModel()
  readonly stocks = new StocksModel()
  readonly training: TrainingModel
  /** What was on the wire, for the events drawer. */
  readonly journal = createJournal()
  readonly #options: DashboardOptions
  #problems = $state.raw<Record<PanelName, Problem | null>>(NO_PROBLEMS)
  #link: PageLink | null = null
  #close: (() => void) | null = null
  #closed = false

  constructor(options: DashboardOptions) {
    this.#options = options
    this.view = new View(options.search ?? location.search)
    this.training = new TrainingModel(options.runs, (runId) => this.#watchRun(runId))
    for (const panel of this.view.current.paused) this[panel].live.freeze(Date.now())
  }

  get problems(): Record<PanelName, Problem | null> {
    return this.#problems
  }

  get allPaused(): boolean {
    return PANELS.every((panel) => this[panel].live.pause !== null)
  }

  /** Connects, takes up a run that is under way, and measures the clocks; returns how to end all of it. */
  open(): () => void {
    void this.#begin()
    const stopListening = onRunElsewhere((runId) => void this.#adopt(runId))
    const measure = () => {
      void measureClockOffset('/time', this.#options.fetch).then((offset) => {
        this.connection.offset = offset
      })
    }
    measure()
    const timer = setInterval(measure, MEASURE_CLOCK_EVERY_MS)
    return () => {
      clearInterval(timer)
      stopListening()
      this.training.leave()
      this.#close?.()
      this.#closed = true
    }
  }

  /** A run's history comes to those who begin with it, so a remembered run is known before the first request. */
  async #begin(): Promise<void> {
    const runId = rememberedRun()
    const run = runId === null ? null : await this.training.find(runId)
    if (this.#closed) return
    this.#connect('')
    if (run === 'unknown') return
    if (run?.state === 'running') this.training.follow(run)
    else rememberRun(null)
  }

  async #adopt(runId: string): Promise<void> {
    const run = await this.training.find(runId)
    if (run !== 'unknown' && run?.state === 'running') this.training.follow(run)
  }

  #connect(lastEventId: string): void {
    const { transport } = this.view.current
    const onFrame = ({ text, bytes, receivedAt }: WireFrame) => {
      this.connection.onBytes(receivedAt, bytes)
      this.journal.frame(text, bytes, receivedAt, transport === 'fetch')
    }
    const link = this.#options.connect({ transport, lastEventId, onFrame })
    this.#link = link
    const onStatus = (status: LinkStatus) => this.#onStatus(status)
    onStatus(link.status)
    const stopStatus = link.onStatus(onStatus)
    this.#subscribeAll(link)
    this.#close = () => {
      stopStatus()
      link.close()
      this.#link = null
    }
  }

  #onStatus(status: LinkStatus): void {
    const at = Date.now()
    const note = this.connection.onStatus(status, at)
    if (note) this.journal.note(note.kind, note.text, at)
    // The API refuses the whole connection for a run that it does not know any more.
    if (status.state === 'failed') void this.training.check()
  }

  /** Reads the same stream in the browser's other way, from the same place on. */
  setTransport(transport: Transport): void {
    const lastEventId = this.lastEventId
    this.view.choose({ transport })
    this.#close?.()
    this.#connect(lastEventId)
    this.training.watchAgain()
  }

  get lastEventId(): string {
    return this.#link?.lastEventId ?? ''
  }

  /** What the one connection carries. */
  get topics(): string[] {
    const { phase } = this.training
    const run = phase.kind === 'running' ? [instance(training, phase.runId).topic] : []
    return [time.topic, systemStats.topic, stocks.topic, ...run]
  }

  async startRun(): Promise<void> {
    const runId = await this.training.start()
    if (runId !== null) rememberRun(runId)
  }

  retry(): void {
    this.#link?.retryNow()
  }

  pause(panel: PanelName, paused: boolean): void {
    const { live } = this[panel]
    if (paused) live.freeze(Date.now())
    else live.resume()
    this.view.choose({ paused: PANELS.filter((name) => this[name].live.pause !== null) })
  }

  toggleDrawer(): void {
    this.view.choose({ drawer: !this.view.current.drawer })
  }

  pauseAll(paused: boolean): void {
    for (const panel of PANELS) this.pause(panel, paused)
  }

  #subscribeAll(link: PageLink): void {
    link.subscribe(time, {
      ...this.#common('clock'),
      onEvent: ({ data }) => {
        const at = Date.now()
        this.clock.receive(data, at, this.connection.onEvent(at))
      },
      onResume: (outcome) => {
        this.connection.onResume(outcome, Date.now())
        if (outcome === 'gap') void this.training.check()
      },
    })
    link.subscribe(systemStats, {
      ...this.#common('system'),
      onEvent: ({ data }) => {
        const at = Date.now()
        this.system.receive(data, at, this.connection.onEvent(at))
      },
    })
    link.subscribe(stocks, {
      ...this.#common('stocks'),
      onEvent: ({ event, data }) => this.stocks.receive(event, data, this.#arrived()),
    })
  }

  #watchRun(runId: string): () => void {
    if (!this.#link) return () => undefined
    return this.#link.subscribe(instance(training, runId), {
      ...this.#common('training'),
      onEvent: (received) => {
        const at = this.#arrived()
        if (received.event === 'progress') this.#progress(received.data, at)
        else {
          this.training.complete(received.data, at)
          rememberRun(null)
          this.#say('The training run is complete.')
        }
      },
    })
  }

  #progress(progress: TrainingProgress, at: number): void {
    const passed = milestone(this.training.percent)
    this.training.receive(progress, at)
    const now = milestone(this.training.percent)
    if (now > passed && this.preferences.announcements === 'milestones') {
      this.#say(`The training run is at ${now} %.`)
    }
  }

  #say(text: string): void {
    if (this.preferences.announcements !== 'off') this.announcer.say(text)
  }

  #common(panel: PanelName) {
    return {
      onDropped: (count: number) => this.connection.onDropped(count),
      onInvalid: (failure: UnpackFailure) => {
        const problem = addFailure(this.#problems[panel], failure)
        this.#problems = { ...this.#problems, [panel]: problem }
      },
    }
  }

  #arrived(): number {
    const at = Date.now()
    this.connection.onEvent(at)
    return at
  }
}

/** The quarter of a run that is behind us, in percent; none after the last, which is the end. */
function milestone(percent: number): number {
  return Math.min(75, Math.floor(percent / 25) * 25)
}

const NO_PROBLEMS = { clock: null, system: null, training: null, stocks: null }
