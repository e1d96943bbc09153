/** The interface of a server under measurement. */

export interface Peer {
  readonly port: number
  /** Sends the events of one tick to all connections. */
  publish(data: readonly string[]): void
  /** Figures for the note column. */
  facts?(): Record<string, number>
}

/** Each file in this folder exports a function of this type as `start`. */
export type StartPeer = () => Promise<Peer>
