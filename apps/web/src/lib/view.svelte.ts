// The state of the view that a link to it carries: range, scale, smoothing, pauses, drawer and transport.

import { readView, writeView, type Choices } from './view-query.ts'

export class View {
  readonly #write: (query: string) => void
  #choices = $state.raw<Choices>(readView(''))

  /** `search` is the address's query; `write` is given the new one after each choice. */
  constructor(search: string, write: (query: string) => void = intoTheAddress) {
    this.#write = write
    this.#choices = readView(search)
  }

  get current(): Choices {
    return this.#choices
  }

  choose(change: Partial<Choices>): void {
    this.#choices = { ...this.#choices, ...change }
    this.#write(writeView(this.#choices, location.search))
  }
}

function intoTheAddress(query: string): void {
  history.replaceState(null, '', query === '' ? location.pathname : `?${query}`)
}
