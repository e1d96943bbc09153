// One training run: started here or in another tab, watched through outages and reloads, cancelled or complete.
import type { StreamEvent } from '@downlink/protocol'
import type { training, TrainingProgress } from '@downlink/protocol/streams'
import { Live } from '../../panel/live.svelte.ts'
import { staleAfter } from '../../panel/panel-state.ts'
import { createLossCurve } from './loss-curve.ts'
import { advance, NOTHING, type TrainingView } from './run-progress.ts'
import type { LoadRuns, Run } from './runs.ts'

export type Phase =
  | { kind: 'empty' }
  | { kind: 'starting' }
  | { kind: 'running'; runId: string }
  | { kind: 'complete'; message: string }
  | { kind: 'cancelled' }
  | { kind: 'failed'; message: string }

/** How a run ends: the events after which nothing follows. */
export type RunEnd = Exclude<StreamEvent<typeof training>, { event: 'progress' }>

/** Follows the events of one run; returns how to stop. */
export type WatchRun = (runId: string) => () => void

/** The pause before each epoch is the longest expected silence. */
const EXPECTED_MS = 500

export class TrainingModel {
  readonly live: Live<TrainingView>
  readonly staleAfterMs = staleAfter(EXPECTED_MS)
  readonly curve = createLossCurve()
  readonly #runs: LoadRuns
  readonly #watch: WatchRun
  readonly #now: () => number
  #phase = $state.raw<Phase>({ kind: 'empty' })
  #seen = NOTHING
  #unwatch: (() => void) | null = null

  constructor(runs: LoadRuns, watch: WatchRun, now: () => number = () => Date.now()) {
    this.#runs = runs
    this.#watch = watch
    this.#now = now
    this.live = new Live(() => this.#seen)
  }

  get phase(): Phase {
    return this.#phase
  }

  /** Whether a run is under way, so that no other may be started. */
  get busy(): boolean {
    return this.#phase.kind === 'starting' || this.#phase.kind === 'running'
  }

  get #runId(): string | null {
    return this.#phase.kind === 'running' ? this.#phase.runId : null
  }

  /** Resolves to the id of the run that was started, or null where the API refused. */
  async start(): Promise<string | null> {
    if (this.busy) return null
    this.#phase = { kind: 'starting' }
    try {
      const run = await (await this.#runs()).start()
      this.follow(run, this.#now())
      return run.id
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error))
      return null
    }
  }

  async cancel(): Promise<void> {
    if (this.#phase.kind !== 'running') return
    const { runId } = this.#phase
    try {
      await (await this.#runs()).cancel(runId)
      // The event may have come first, or may never: the connection can be away.
      if (this.#runId === runId) this.#finish({ kind: 'cancelled' })
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error))
    }
  }

  /** A step that was `held` for us does not say when it was made. */
  receive(progress: TrainingProgress, at: number, held: boolean): void {
    this.#seen = advance(this.#seen, progress, at)
    this.curve.add(this.#seen.epochs, progress.loss, held ? Number.NaN : at)
    this.live.touch(at)
  }

  end({ event, data }: RunEnd, at: number): void {
    if (event === 'complete') this.#seen = { ...this.#seen, percent: 100, at }
    this.live.touch(at)
    this.#finish(event === 'complete' ? { kind: event, message: data } : { kind: event })
  }

  /** After a gap, or a connection that was refused: is the run still there? */
  async check(): Promise<void> {
    if (this.#phase.kind !== 'running') return
    const { runId } = this.#phase
    const run = await this.find(runId)
    // While it was asked, the run may have ended, or another have begun.
    if (run === 'unknown' || this.#runId !== runId) return
    if (run === null) this.fail('The run is gone: the API was restarted. Start another one.')
  }

  fail(message: string): void {
    this.#finish({ kind: 'failed', message })
  }

  /** Null where the run is gone, `unknown` where the API does not answer. */
  async find(runId: string): Promise<Run | null | 'unknown'> {
    try {
      return await (await this.#runs()).find(runId)
    } catch {
      // The connection panel says that the API is away; the run may be there when it is back.
      return 'unknown'
    }
  }

  /** Watches a run that is under way, which began at `startedAt` of our clock. */
  follow(run: Run, startedAt: number): void {
    if (this.#runId === run.id) return
    this.leave()
    this.curve.clear()
    this.#seen = { ...NOTHING, startedAt }
    this.#phase = { kind: 'running', runId: run.id }
    this.live.clear()
    this.#unwatch = this.#watch(run.id)
  }

  /** The same run on a new connection. */
  watchAgain(): void {
    if (this.#runId !== null) this.#unwatch = this.#watch(this.#runId)
  }

  /** Stops watching, without a word about the run. */
  leave(): void {
    this.#unwatch?.()
    this.#unwatch = null
  }

  #finish(phase: Phase): void {
    this.leave()
    this.#phase = phase
  }
}
