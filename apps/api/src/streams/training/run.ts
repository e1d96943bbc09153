/** One training run: its topic, its state, who watches it, and which events were its own. */
import { randomUUID } from 'node:crypto'
import { instance, type EventInput, type EventName } from '@downlink/protocol'
import { training, type TrainingProgress } from '@downlink/protocol/streams'
import type { Clock } from '../../clock.ts'
import { NO_PROGRESS, TOTAL_EPOCHS, trainingSource, type RunStream } from './source.ts'

export type RunState = 'running' | 'complete' | 'cancelled'

/** What `GET /training-runs/:id` shows. Times are ISO 8601 in UTC. */
export interface RunView {
  readonly id: string
  readonly state: RunState
  /** What to subscribe to on `/events`. */
  readonly topic: string
  readonly startedAt: string
  readonly endedAt: string | null
  readonly totalEpochs: number
  /** As of the newest step; null before the first. */
  readonly epoch: number | null
  readonly progressPercent: number | null
  readonly loss: number | null
}

export interface TrainingRun {
  readonly id: string
  readonly stream: RunStream
  view(): RunView
  /** Whether the event with this id is one of this run's. */
  has(eventId: string): boolean
  readonly state: RunState
  /** Whether there is nothing to go on with after this event: it was the last one, or the run was cancelled. */
  isOverAfter(eventId: string): boolean
  /** Resolves when it has ended, however. */
  readonly ended: Promise<void>
  /** Counts a viewer until the returned function is called. */
  watch(): () => void
  /** Ends it before its time, with a `cancelled` for whoever watches; does nothing after its end. */
  cancel(): Promise<void>
  /** Ends it without a word, when nobody can be told any more. */
  abandon(): Promise<void>
}

/** `watched`: ends 10 s after its last viewer has gone; `own`: runs to its end, watched or not. */
export type RunLife = 'own' | 'watched'

export interface TrainingRunOptions {
  readonly clock: Clock
  /** Time between two steps. */
  readonly stepMs: number
  /** Resolves with the id that the event was given. */
  publish<E extends EventName<RunStream>>(
    stream: RunStream,
    event: E,
    data: EventInput<RunStream, E>,
  ): Promise<string>
  /** Called when the run failed by a fault of this program; it ends as cancelled then. */
  onError(error: unknown): void
}

/** How long a watched run waits for a viewer to come back: a page reloaded, a connection cut. */
const UNWATCHED_MS = 10_000

export function createTrainingRun(options: TrainingRunOptions, life: RunLife): TrainingRun {
  const { clock } = options
  const id = randomUUID()
  const stream: RunStream = instance(training, id)
  const stopped = new AbortController()
  const startedAtMs = clock.now()
  const startedElapsedMs = clock.elapsed()
  const eventIds = new Set<string>()
  let lastId: string | undefined
  let lastEvent: EventName<RunStream> | undefined
  let endedAtMs: number | undefined
  let state: RunState = 'running'
  let newest: TrainingProgress | undefined
  let viewers = 0
  let returned = new AbortController()

  const ended = run()
  if (life === 'watched') void cancelUnlessWatched()

  return {
    id,
    stream,
    view,
    has: (eventId) => eventIds.has(eventId),
    isOverAfter,
    get state() {
      return state
    },
    ended,
    watch,
    cancel: () => stop('cancelled'),
    abandon: () => stop('abandoned'),
  }

  async function run(): Promise<void> {
    let published: Promise<void> = Promise.resolve()
    const publish = <E extends EventName<RunStream>>(event: E, data: EventInput<RunStream, E>) => {
      published = options.publish(stream, event, data).then((id) => remember(id, event), fail)
    }
    try {
      await trainingSource(
        clock,
        options.stepMs,
      )({
        signal: stopped.signal,
        publish(event, data) {
          // The contract pairs them; the type of a generic method cannot say so.
          if (event === 'progress') newest = data as TrainingProgress
          publish(event, data)
        },
      })
    } catch (error) {
      fail(error)
    }
    await published
    // Who cancels while `complete` is on its way to the log is too late.
    if (lastEvent !== 'complete' && stopped.signal.reason === 'cancelled')
      publish('cancelled', newest ?? NO_PROGRESS)
    await published
    state = lastEvent === 'complete' ? 'complete' : 'cancelled'
    // By the monotonic clock: a change of the system time does not end a run before it started.
    endedAtMs = startedAtMs + clock.elapsed() - startedElapsedMs
    returned.abort()
  }

  function remember(eventId: string, event: EventName<RunStream>): void {
    eventIds.add(eventId)
    lastId = eventId
    lastEvent = event
  }

  /** The first fault is reported; those that come of it are not. */
  function fail(error: unknown): void {
    if (stopped.signal.aborted) return
    options.onError(error)
    stopped.abort('cancelled')
  }

  function isOverAfter(eventId: string): boolean {
    return state === 'cancelled' || (state === 'complete' && eventId === lastId)
  }

  function watch(): () => void {
    let watching = true
    viewers += 1
    returned.abort()
    return () => {
      if (!watching) return
      watching = false
      viewers -= 1
      if (viewers === 0 && life === 'watched' && state === 'running') void cancelUnlessWatched()
    }
  }

  async function cancelUnlessWatched(): Promise<void> {
    returned = new AbortController()
    try {
      await clock.sleep(UNWATCHED_MS, returned.signal)
    } catch {
      // A viewer has come, or the run has ended.
      return
    }
    await stop('cancelled')
  }

  async function stop(how: 'cancelled' | 'abandoned'): Promise<void> {
    stopped.abort(how)
    await ended
  }

  function view(): RunView {
    return {
      id,
      state,
      topic: stream.topic,
      startedAt: new Date(startedAtMs).toISOString(),
      endedAt: endedAtMs === undefined ? null : new Date(endedAtMs).toISOString(),
      totalEpochs: TOTAL_EPOCHS,
      epoch: newest?.epoch ?? null,
      progressPercent: newest?.progress_percent ?? null,
      loss: newest?.loss ?? null,
    }
  }
}
