// What a panel shows of a stream: the newest view, replaced at most once a frame and kept while paused.
import { frame, type Frame } from './frame.ts'

export interface Pause {
  /** When the reader paused, in ms since 1970. */
  readonly at: number
  /** Events that have come since. */
  readonly unseen: number
}

export class Live<View> {
  readonly #look: () => View
  readonly #frame: Frame
  #current = $state.raw<View>() as View
  #pause = $state.raw<Pause | null>(null)
  #lastAt = $state.raw<number | null>(null)
  #arrivedAt: number | null = null
  #unseen = 0

  /** `look` gives an immutable view of what was received; it is asked once a frame, not once an event. */
  constructor(look: () => View, on: Frame = frame) {
    this.#look = look
    this.#frame = on
    this.#current = look()
  }

  get current(): View {
    return this.#current
  }

  get pause(): Pause | null {
    return this.#pause
  }

  /** When the newest event came, in ms since 1970; null before the first. */
  get lastAt(): number | null {
    return this.#lastAt
  }

  /** Something was received at `at`. */
  touch(at: number): void {
    this.#arrivedAt = at
    if (this.#pause) this.#unseen += 1
    this.#frame.ask(this.#draw)
  }

  /** Something other than an event has changed, such as a setting: look again in the next frame. */
  refresh(): void {
    this.#frame.ask(this.#draw)
  }

  /** Begins anew, as if nothing had come. */
  clear(): void {
    this.#arrivedAt = null
    this.#frame.ask(this.#draw)
  }

  /** Freezes the view at what is received by now, drawn or not. */
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
    this.#lastAt = this.#arrivedAt
    if (!this.#pause) this.#current = this.#look()
    else if (this.#pause.unseen !== this.#unseen) {
      this.#pause = { at: this.#pause.at, unseen: this.#unseen }
    }
  }
}
