// One training run: started here or in another tab, followed across outages and reloads, until it is complete or cancelled.
import { instance } from '@downlink/protocol'
import { training, type TrainingProgress } from '@downlink/protocol/streams'
import type { ClockOffset } from '../../connection/clock-offset.ts'
import type { StreamReader } from '../../connection/stream-reader.ts'
import { LiveView } from '../../panel/live-view.svelte.ts'
import { staleAfter } from '../../panel/panel-state.ts'
import type { StreamModel } from '../../panel/stream-panel.ts'
import { browserStorage, onStorageChange } from '../../settings/browser-storage.ts'
import { createLossCurve } from './loss-curve.ts'
import { advance, NO_PROGRESS, type TrainingView } from './run-progress.ts'
import { createRuns, type Run, type Runs } from './runs.ts'

export type Phase =
  | { kind: 'empty' }
  | { kind: 'starting' }
  | { kind: 'running'; runId: string }
  | { kind: 'complete'; message: string }
  | { kind: 'cancelled' }
  | { kind: 'failed'; message: string }

/** The pause before each epoch is the longest expected time without an event. */
const EXPECTED_INTERVAL_MS = 500
/** The id of the run, for reloads and for other tabs. */
const RUN_KEY = 'downlink.run'

export class TrainingModel implements StreamModel {
  readonly live: LiveView<TrainingView>
  readonly staleAfterMs = staleAfter(EXPECTED_INTERVAL_MS)
  readonly curve = createLossCurve()
  readonly #page: { readonly connection: { readonly offset: ClockOffset | null } }
  readonly #runs: Runs
  #phase = $state.raw<Phase>({ kind: 'empty' })
  #progress = NO_PROGRESS
  #reader: StreamReader | null = null
  #unsubscribe: (() => void) | null = null

  constructor(page: {
    readonly connection: { readonly offset: ClockOffset | null }
    readonly fetch: typeof fetch
  }) {
    this.#page = page
    this.#runs = createRuns(page.fetch)
    this.live = new LiveView(() => this.#progress)
  }

  get phase(): Phase {
    return this.#phase
  }

  /** Whether a run is starting or running. */
  get busy(): boolean {
    return this.#phase.kind === 'starting' || this.#phase.kind === 'running'
  }

  get #runId(): string | null {
    return this.#phase.kind === 'running' ? this.#phase.runId : null
  }

  /** Starts a run, which replaces the current one. */
  async start(): Promise<void> {
    if (this.#phase.kind === 'starting') return
    this.#phase = { kind: 'starting' }
    try {
      const run = await this.#runs.start()
      this.#follow(run, Date.now())
      browserStorage.write(RUN_KEY, run.id)
    } catch (error) {
      this.#fail(error)
    }
  }

  async cancel(): Promise<void> {
    const runId = this.#runId
    if (runId === null) return
    try {
      await this.#runs.cancel(runId)
      // Without waiting for the event `cancelled`: there may be no connection.
      if (this.#runId === runId) this.#finish({ kind: 'cancelled' })
    } catch (error) {
      this.#fail(error)
    }
  }

  /** A connection that starts with the run's topic receives all its events, so the stored run is looked up first. */
  async prepare(clockOffset: Promise<ClockOffset | null>): Promise<void> {
    const runId = browserStorage.read(RUN_KEY)
    if (runId === null) return
    const [run] = await Promise.all([this.#find(runId), clockOffset])
    if (run === 'unknown') return
    if (run?.state === 'running') this.#followRunning(run)
    else browserStorage.write(RUN_KEY, null)
  }

  subscribe(reader: StreamReader): void {
    this.#reader = reader
    if (this.#runId !== null) this.#read(this.#runId)
  }

  followTabs(): () => void {
    return onStorageChange(RUN_KEY, (runId) => {
      if (runId !== null) void this.#followStored(runId)
    })
  }

  /** The API refuses a connection with the topic of a run that it does not know. */
  onLinkFailed(): void {
    void this.#check()
  }

  /** Fails the run if the API no longer knows it. */
  async #check(): Promise<void> {
    const runId = this.#runId
    if (runId === null) return
    const run = await this.#find(runId)
    // The run may have ended during the request, or another one may have begun.
    if (run !== null || this.#runId !== runId) return
    const message = 'The run is gone: the API was restarted. Start another one.'
    this.#finish({ kind: 'failed', message })
  }

  /** Null if the API does not know the run, `unknown` if it does not answer. */
  async #find(runId: string): Promise<Run | null | 'unknown'> {
    try {
      return await this.#runs.find(runId)
    } catch {
      // The connection shows that the API is away. The run may be there when it is back.
      return 'unknown'
    }
  }

  async #followStored(runId: string): Promise<void> {
    const run = await this.#find(runId)
    if (run !== 'unknown' && run?.state === 'running') this.#followRunning(run)
  }

  /** `startedAt` of a run is a time of the server's clock, which may differ from the browser's by hours. */
  #followRunning(run: Run): void {
    const offsetMs = this.#page.connection.offset?.offsetMs ?? 0
    this.#follow(run, run.startedAt === null ? Date.now() : run.startedAt - offsetMs)
  }

  #follow(run: Run, startedAt: number): void {
    if (this.#runId === run.id) return
    this.#leave()
    this.curve.clear()
    this.#progress = { ...NO_PROGRESS, startedAt }
    this.#phase = { kind: 'running', runId: run.id }
    this.live.reset()
    this.#read(run.id)
  }

  #read(runId: string): void {
    if (!this.#reader) return
    this.#unsubscribe = this.#reader.read(instance(training, runId), {
      onEvent: (received, { at, held }) => {
        if (received.event === 'progress') {
          this.#receive(received.data, at, held)
          return
        }
        this.live.update(at)
        if (received.event === 'complete') {
          this.#progress = { ...this.#progress, percent: 100, at }
          this.#finish({ kind: 'complete', message: received.data })
        } else this.#finish({ kind: 'cancelled' })
      },
      onGap: () => void this.#check(),
    })
  }

  /** The time of a step that the server held is unknown. */
  #receive(progress: TrainingProgress, at: number, held: boolean): void {
    this.#progress = advance(this.#progress, progress, at)
    this.curve.add(this.#progress.epochs, progress.loss, held ? Number.NaN : at)
    this.live.update(at)
  }

  #fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    this.#finish({ kind: 'failed', message })
  }

  #finish(phase: Phase): void {
    this.#leave()
    this.#phase = phase
  }

  #leave(): void {
    this.#unsubscribe?.()
    this.#unsubscribe = null
  }
}
