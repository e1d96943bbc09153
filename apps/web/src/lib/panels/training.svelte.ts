// One training run: started here or in another tab, watched through outages and reloads, cancelled or complete.
import type { TrainingProgress } from '@downlink/protocol/streams'
import { Live } from '../live.svelte.ts'
import { staleAfter } from '../panel-state.ts'
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
  #followedAt = 0
  #unwatch: (() => void) | null = null
  #silence: ReturnType<typeof setInterval> | null = null

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
    try {
      await (await this.#runs()).cancel(this.#phase.runId)
      this.#finish({ kind: 'cancelled' })
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

  complete(message: string, at: number): void {
    this.#seen = { ...this.#seen, percent: 100, at }
    this.live.touch(at)
    this.#finish({ kind: 'complete', message })
  }

  /** After a gap or a silence: is the run still there, or did it end without a word to us? */
  async check(): Promise<void> {
    if (this.#phase.kind !== 'running') return
    const { runId } = this.#phase
    const run = await this.find(runId)
    // While it was asked, the run may have ended, or another have begun.
    if (run === 'unknown' || this.#runId !== runId) return
    if (run === null) this.fail('The run is gone: the API was restarted. Start another one.')
    else if (run.state === 'cancelled') this.#finish({ kind: 'cancelled' })
    else if (run.state === 'complete') {
      this.fail('The run ended while the connection was away, and its last events are lost.')
    }
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
    this.#followedAt = this.#now()
    this.live.clear()
    this.#unwatch = this.#watch(run.id)
    // A run that is cancelled elsewhere only falls silent.
    this.#silence = setInterval(() => this.#checkIfSilent(), this.staleAfterMs)
  }

  /** The same run on a new connection. */
  watchAgain(): void {
    if (this.#runId !== null) this.#unwatch = this.#watch(this.#runId)
  }

  /** Stops watching, without a word about the run. */
  leave(): void {
    this.#unwatch?.()
    this.#unwatch = null
    if (this.#silence !== null) clearInterval(this.#silence)
    this.#silence = null
  }

  #checkIfSilent(): void {
    const since = Math.max(this.#seen.at, this.#followedAt)
    if (this.#now() - since >= this.staleAfterMs) void this.check()
  }

  #finish(phase: Phase): void {
    this.leave()
    this.#phase = phase
  }
}
