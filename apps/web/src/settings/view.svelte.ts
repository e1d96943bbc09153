// The state of the view that a link to it carries: range, scale, smoothing, pauses, drawer and transport.

import { rememberedPauses, rememberPauses } from './pause-memory.ts'
import { namesPauses, readView, writeView, type Choices } from './view-query.ts'

export class View {
  readonly #write: (query: string) => void
  #choices = $state.raw<Choices>(readView(''))

  /** `search` is the address's query; `write` is given the new one after each choice. */
  constructor(search: string, write: (query: string) => void = intoTheAddress) {
    this.#write = write
    const asked = readView(search)
    // Pauses outlive the page, but a link that names them is followed.
    this.#choices = namesPauses(search) ? asked : { ...asked, paused: rememberedPauses() }
  }

  get current(): Choices {
    return this.#choices
  }

  choose(change: Partial<Choices>): void {
    this.#choices = { ...this.#choices, ...change }
    if (change.paused) rememberPauses(change.paused)
    this.#write(writeView(this.#choices, location.search))
  }
}

function intoTheAddress(query: string): void {
  history.replaceState(null, '', query === '' ? location.pathname : `?${query}`)
}
