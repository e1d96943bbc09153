/** One training run: its topic, state, viewers, and the ids of its events. */
import { randomUUID } from 'node:crypto'
import { instance, type Clock, type EventInput, type EventName } from '@downlink/protocol'
import { training, type TrainingProgress } from '@downlink/protocol/streams'
import { sleep } from '../../clock.ts'
import type { RunState, RunView } from './run-view.ts'
import { NO_PROGRESS, TOTAL_EPOCHS, trainingSource, type RunStream } from './source.ts'

export interface TrainingRun {
  readonly id: string
  readonly stream: RunStream
  view(): RunView
  /** Whether the event with this id belongs to this run. */
  has(eventId: string): boolean
  readonly state: RunState
  /** Whether nothing follows this event: it was the last one, or the run was cancelled. */
  isOverAfter(eventId: string): boolean
  /** Resolves when the run has ended for any reason. */
  readonly ended: Promise<void>
  /** Counts a viewer until the returned function is called. */
  watch(): () => void
  /** Ends the run early and publishes `cancelled`. Does nothing after the run's end. */
  cancel(): Promise<void>
  /** Ends the run without an event, for when no subscriber is left. */
  abandon(): Promise<void>
}

/** `watched`: the run ends 10 s after its last viewer has left. `own`: it runs to its end without viewers too. */
export type RunLife = 'own' | 'watched'

export interface TrainingRunOptions {
  readonly clock: Clock
  /** Time between two steps. */
  readonly stepMs: number
  /** Resolves with the id of the event. */
  publish<E extends EventName<RunStream>>(
    stream: RunStream,
    event: E,
    data: EventInput<RunStream, E>,
  ): Promise<string>
  /** Called when the run fails because of a fault of this program. The run then counts as cancelled. */
  onError(error: unknown): void
}

/** How long a watched run waits for a viewer to return after a reload or a lost connection. */
const UNWATCHED_MS = 10_000

export function createTrainingRun(options: TrainingRunOptions, life: RunLife): TrainingRun {
  const { clock } = options
  const id = randomUUID()
  const stream: RunStream = instance(training, id)
  const stopped = new AbortController()
  const startedAtMs = clock.dateMs()
  const startedNowMs = clock.now()
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
          // `progress` has this data; TypeScript does not narrow the type of `data` by `event`.
          if (event === 'progress') newest = data as TrainingProgress
          publish(event, data)
        },
      })
    } catch (error) {
      fail(error)
    }
    await published
    // A run that is cancelled while `complete` is being appended to the log is complete.
    if (lastEvent !== 'complete' && stopped.signal.reason === 'cancelled')
      publish('cancelled', newest ?? NO_PROGRESS)
    await published
    state = lastEvent === 'complete' ? 'complete' : 'cancelled'
    // Monotonic time, so that a change of the system time cannot put the end before the start.
    endedAtMs = startedAtMs + clock.now() - startedNowMs
    returned.abort()
  }

  function remember(eventId: string, event: EventName<RunStream>): void {
    eventIds.add(eventId)
    lastId = eventId
    lastEvent = event
  }

  /** Reports the first failure only, because it causes the ones after it. */
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
      await sleep(clock, UNWATCHED_MS, returned.signal)
    } catch {
      // A viewer has returned, or the run has ended.
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
