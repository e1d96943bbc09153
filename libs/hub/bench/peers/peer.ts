/** What every contender of the bench is to do. */

export interface Peer {
  readonly port: number
  /** Sends one tick's events to everybody, each as an event of its own. */
  publish(data: readonly string[]): void
  /** What it has to tell of itself; for notes beside the figures. */
  facts?(): Record<string, number>
}

/** Each file in this folder exports it as `start`. */
export type StartPeer = () => Promise<Peer>
