// A component whose code is loaded when it is first needed.

export class Lazy<Component> {
  readonly #import: () => Promise<{ default: Component }>
  #current = $state.raw<Component | null>(null)
  #failed = $state.raw(false)

  constructor(importModule: () => Promise<{ default: Component }>) {
    this.#import = importModule
  }

  /** Null until it is loaded. */
  get current(): Component | null {
    return this.#current
  }

  /** Whether loading failed: the network or the server may be down. */
  get failed(): boolean {
    return this.#failed
  }

  /** Loads the code once. After a failure, each call tries again. */
  async load(): Promise<void> {
    if (this.#current) return
    this.#failed = false
    try {
      this.#current = (await this.#import()).default
    } catch {
      this.#failed = true
    }
  }
}
