// A part of the page whose code is loaded when it is first wanted, and wanted again if that failed.

export class Later<Part> {
  readonly #load: () => Promise<{ default: Part }>
  #part = $state.raw<Part | null>(null)
  #failed = $state.raw(false)

  constructor(load: () => Promise<{ default: Part }>) {
    this.#load = load
  }

  /** Null until it is loaded. */
  get current(): Part | null {
    return this.#part
  }

  /** Whether it could not be loaded: the network or the server may be gone. */
  get failed(): boolean {
    return this.#failed
  }

  /** Loads it once; after a failure, each call tries again. */
  async want(): Promise<void> {
    if (this.#part) return
    this.#failed = false
    try {
      this.#part = (await this.#load()).default
    } catch {
      this.#failed = true
    }
  }
}
