// What the reader has chosen for this view: kept in the address, so that a link carries it.
import { browserStorage } from './browser-storage.ts'
import { hasPaused, readPaused, readView, writeView, type Choices } from './view-query.ts'

const PAUSED_KEY = 'downlink.paused'

export class View {
  readonly #panels: readonly string[]
  #choices: Choices

  /** `search` is the query of the address, `panels` the ids of all panels. */
  constructor(search: string, panels: readonly string[]) {
    this.#panels = panels
    const choices = readView(search, panels)
    // Pauses are also remembered by the browser. A link that names paused panels overrides that.
    const paused = hasPaused(search)
      ? choices.paused
      : readPaused(browserStorage.read(PAUSED_KEY) ?? '', panels)
    this.#choices = $state.raw({ ...choices, paused })
  }

  get current(): Choices {
    return this.#choices
  }

  /** Changes the view and the address. */
  choose(change: Partial<Choices>): void {
    this.#choices = { ...this.#choices, ...change }
    if (change.paused) {
      browserStorage.write(PAUSED_KEY, change.paused.length === 0 ? null : change.paused.join(','))
    }
    const query = writeView(this.#choices, location.search, this.#panels)
    history.replaceState(null, '', query === '' ? location.pathname : `?${query}`)
  }
}
