// What a panel draws: an immutable view of its model, replaced at most once per frame and kept while paused.
import { frames, type FrameScheduler } from './frames.ts'

export interface Pause {
  /** When the reader paused, in ms since 1970. */
  readonly at: number
  /** Events received since then. */
  readonly unseen: number
}

export class LiveView<View> {
  readonly #snapshot: () => View
  readonly #frames: FrameScheduler
  #current = $state.raw<View>() as View
  #pause = $state.raw<Pause | null>(null)
  #lastAt = $state.raw<number | null>(null)
  #receivedAt: number | null = null
  #unseen = 0

  /** `snapshot` returns an immutable view of what was received. It is called once per frame, not once per event. */
  constructor(snapshot: () => View, scheduler: FrameScheduler = frames) {
    this.#snapshot = snapshot
    this.#frames = scheduler
    this.#current = snapshot()
  }

  get current(): View {
    return this.#current
  }

  get pause(): Pause | null {
    return this.#pause
  }

  /** When the newest event was received, in ms since 1970; null before the first. */
  get lastAt(): number | null {
    return this.#lastAt
  }

  /** An event was received at `at`: the next frame shows it, or counts it if the view is paused. */
  update(at: number): void {
    this.#receivedAt = at
    if (this.#pause) this.#unseen += 1
    this.#frames.request(this.#draw)
  }

  /** The model was reset: until the next event, `lastAt` is null again. */
  reset(): void {
    this.#receivedAt = null
    this.#frames.request(this.#draw)
  }

  /** Pauses the view at everything received so far, including what no frame has shown yet. */
  freeze(at: number): void {
    if (this.#pause) return
    this.#draw()
    this.#unseen = 0
    this.#pause = { at, unseen: 0 }
  }

  resume(): void {
    this.#pause = null
    this.#draw()
  }

  readonly #draw = (): void => {
    this.#lastAt = this.#receivedAt
    if (!this.#pause) this.#current = this.#snapshot()
    else if (this.#pause.unseen !== this.#unseen) {
      this.#pause = { at: this.#pause.at, unseen: this.#unseen }
    }
  }
}
