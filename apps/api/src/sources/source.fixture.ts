/** Runs a source and keeps what it emits, in place of a hub. */
import type { Stream } from '@downlink/protocol'
import type { Source } from '@downlink/hub'

export interface Collected {
  readonly events: (readonly [event: string, data: unknown])[]
  /** Aborts the source and resolves when it has ended. */
  readonly stop: () => Promise<void>
  /** Resolves when the source has ended by itself, rejects when it has failed. */
  readonly done: Promise<void>
}

export function collect<S extends Stream>(source: Source<S>): Collected {
  const controller = new AbortController()
  const events: (readonly [string, unknown])[] = []
  const done = Promise.resolve(
    source({
      signal: controller.signal,
      publish: (event, data) => void events.push([event, data]),
    }),
  )
  return {
    events,
    done,
    async stop() {
      controller.abort(new Error('stopped'))
      await done.catch(() => undefined)
    },
  }
}
