// Reads streams from the page's connection for one panel, and keeps the connection's statistics.
import type { Stream, StreamEvent, UnpackFailure } from '@downlink/protocol'
import type { ConnectionModel } from './connection.svelte.ts'
import type { PageLink } from './connect.ts'

export interface Arrival {
  /** When the event was received, in ms since 1970. */
  readonly at: number
  /** Whether the server held the event back, for a replay for example: its arrival says nothing about its age. */
  readonly held: boolean
}

export interface ReadHandlers<S extends Stream> {
  onEvent(event: StreamEvent<S>, arrival: Arrival): void
  /** The server could not replay all events since the last connection. */
  onGap?(): void
}

export interface StreamReader {
  /** Reads a stream until the returned function is called. */
  read<S extends Stream>(stream: S, handlers: ReadHandlers<S>): () => void
}

export interface ReaderOptions {
  readonly link: PageLink
  readonly connection: ConnectionModel
  /** An event broke its contract, and was left out. */
  readonly onInvalid: (failure: UnpackFailure) => void
}

export function createStreamReader({ link, connection, onInvalid }: ReaderOptions): StreamReader {
  return {
    read(stream, handlers) {
      const unsubscribe = link.subscribe(stream, {
        onEvent(event) {
          const at = Date.now()
          handlers.onEvent(event, { at, held: connection.onEvent(at) })
        },
        // Every topic of the connection reports the same outcome, so the connection accepts it repeatedly.
        onResume(outcome) {
          connection.onResume(outcome, Date.now())
          if (outcome === 'gap') handlers.onGap?.()
        },
        onDropped: (count) => connection.onDropped(count),
        onInvalid,
      })
      const removeTopic = connection.addTopic(stream.topic)
      return () => {
        removeTopic()
        unsubscribe()
      }
    },
  }
}
