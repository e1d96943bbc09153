// The whole page as state: one link, the four panels it feeds, and what the reader has chosen.
import type { LinkStatus, WireFrame } from '@downlink/client'
import type { UnpackFailure } from '@downlink/protocol'
import { Announcer } from './announcer.svelte.ts'
import { measureClockOffset } from '../connection/clock-offset.ts'
import { Crosshair } from '../charts/crosshair.svelte.ts'
import { ConnectionModel } from '../connection/connection.svelte.ts'
import { feedPanels, feedRun, runTopic, STANDING_TOPICS, type Panels } from './feeds.ts'
import { createJournal } from '../connection/journal.ts'
import type { Connect, PageLink } from '../connection/page-link.ts'
import { ClockModel } from '../streams/time/time.ts'
import type { LoadRuns, Run } from '../streams/training/runs.ts'
import { StocksModel } from '../streams/stocks/stocks.ts'
import { SystemModel } from '../streams/system-stats/system-stats.ts'
import { TrainingModel } from '../streams/training/training.svelte.ts'
import { Preferences } from '../settings/preferences.svelte.ts'
import { addFailure, type Problem } from '../panel/problem.ts'
import { onRunElsewhere, rememberedRun, rememberRun } from '../streams/training/run-memory.ts'
import { PANELS, type PanelName, type Transport } from '../settings/view-query.ts'
import { View } from '../settings/view.svelte.ts'

export interface DashboardOptions {
  readonly connect: Connect
  readonly runs: LoadRuns
  readonly search?: string
  readonly fetch?: typeof fetch
}

/** Clocks drift slowly, and a laptop that wakes is seen by the link first. */
const MEASURE_CLOCK_EVERY_MS = 300_000

export class Dashboard implements Panels {
  readonly view: View
  readonly preferences = new Preferences()
  readonly announcer = new Announcer()
  readonly connection = new ConnectionModel()
  readonly clock = new ClockModel(this.connection.lateness)
  readonly system = new SystemModel()
  readonly stocks = new StocksModel()
  readonly training: TrainingModel
  /** What is being read on a chart, for the other ones. */
  readonly crosshair = new Crosshair()
  /** What was on the wire, for the events drawer. */
  readonly journal = createJournal()
  readonly #options: DashboardOptions
  #problems = $state.raw<Record<PanelName, Problem | null>>(NO_PROBLEMS)
  #link: PageLink | null = null
  #disconnect: (() => void) | null = null
  #open = false

  constructor(options: DashboardOptions) {
    this.#options = options
    this.view = new View(options.search ?? location.search)
    this.training = new TrainingModel(options.runs, (runId) => {
      return this.#link ? feedRun(this.#link, runId, this) : () => undefined
    })
    for (const panel of this.view.current.paused) this[panel].live.freeze(Date.now())
  }

  get problems(): Record<PanelName, Problem | null> {
    return this.#problems
  }

  get allPaused(): boolean {
    return PANELS.every((panel) => this[panel].live.pause !== null)
  }

  /** What has come since all panels were paused; null while one is not. */
  get unseen(): number | null {
    if (!this.allPaused) return null
    return PANELS.reduce((sum, panel) => sum + (this[panel].live.pause?.unseen ?? 0), 0)
  }

  get lastEventId(): string {
    return this.#link?.lastEventId ?? ''
  }

  /** What the one connection carries. */
  get topics(): string[] {
    const { phase } = this.training
    return [...STANDING_TOPICS, ...(phase.kind === 'running' ? [runTopic(phase.runId)] : [])]
  }

  /** Connects, takes up a run that is under way, and measures the clocks; returns how to end all of it. */
  open(): () => void {
    this.#open = true
    const measured = this.#measureClock()
    void this.#begin(measured)
    const stopListening = onRunElsewhere((runId) => void this.#takeUp(runId))
    const timer = setInterval(() => void this.#measureClock(), MEASURE_CLOCK_EVERY_MS)
    return () => {
      this.#open = false
      clearInterval(timer)
      stopListening()
      this.training.leave()
      this.#disconnect?.()
    }
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

  pauseAll(paused: boolean): void {
    for (const panel of PANELS) this.pause(panel, paused)
  }

  toggleDrawer(): void {
    this.view.choose({ drawer: !this.view.current.drawer })
  }

  /** Reads the same stream in the browser's other way, from the same place on. */
  async setTransport(transport: Transport): Promise<void> {
    if (await this.#connect(this.lastEventId, transport)) this.training.watchAgain()
  }

  async startRun(): Promise<void> {
    const runId = await this.training.start()
    if (runId !== null) rememberRun(runId)
  }

  onInvalid(panel: PanelName, failure: UnpackFailure): void {
    const problem = addFailure(this.#problems[panel], failure)
    this.#problems = { ...this.#problems, [panel]: problem }
  }

  /** A run's history comes to those who begin with it, so a remembered run is known before the first request. */
  async #begin(measured: Promise<void>): Promise<void> {
    const runId = rememberedRun()
    const [run] = runId === null ? [null] : await Promise.all([this.training.find(runId), measured])
    if (!this.#open) return
    const { transport } = this.view.current
    if (!(await this.#connect('', transport))) await this.#connect('', 'fetch')
    if (run === 'unknown' || !this.#link) return
    if (run?.state === 'running') this.#follow(run)
    else rememberRun(null)
  }

  async #takeUp(runId: string): Promise<void> {
    const run = await this.training.find(runId)
    if (run !== 'unknown' && run?.state === 'running') this.#follow(run)
  }

  /** The server's clock says when the run began; ours may be hours off. */
  #follow(run: Run): void {
    const offsetMs = this.connection.offset?.offsetMs ?? 0
    this.training.follow(run, run.startedAt === null ? Date.now() : run.startedAt - offsetMs)
  }

  /** In place of the connection that is, once the new one can be made. */
  async #connect(lastEventId: string, transport: Transport): Promise<boolean> {
    const onFrame = ({ text, bytes, receivedAt }: WireFrame) => {
      this.connection.onBytes(receivedAt, bytes)
      this.journal.frame(text, bytes, receivedAt, transport === 'fetch')
    }
    let link: PageLink
    try {
      link = await this.#options.connect({ transport, lastEventId, onFrame })
    } catch {
      this.announcer.say('This way to connect could not be loaded. Try again.', 'assertive')
      return false
    }
    this.#disconnect?.()
    if (!this.#open) link.close()
    if (!this.#open) return false
    if (transport !== this.view.current.transport) this.view.choose({ transport })
    const onStatus = (status: LinkStatus) => this.#onStatus(status)
    this.#link = link
    onStatus(link.status)
    const stopStatus = link.onStatus(onStatus)
    feedPanels(link, this)
    this.#disconnect = () => {
      stopStatus()
      link.close()
      this.#link = null
    }
    return true
  }

  #onStatus(status: LinkStatus): void {
    const at = Date.now()
    const note = this.connection.onStatus(status, at)
    if (note) this.journal.note(note.kind, note.text, at)
    // The API refuses the whole connection for a run that it does not know any more.
    if (status.state === 'failed') void this.training.check()
  }

  async #measureClock(): Promise<void> {
    this.connection.offset = await measureClockOffset('/time', this.#options.fetch)
  }
}

const NO_PROBLEMS = { clock: null, system: null, training: null, stocks: null }
