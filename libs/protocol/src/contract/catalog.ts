/** A catalog: the streams of an application, found by topic. */
import { instance, type Stream } from './define-stream.ts'
import { ContractError } from './errors.ts'
import { isTopic } from './names.ts'

/** The contract of a topic known at compile time: the stream defined for it, or the instance `<topic>/<id>`. */
export type StreamOn<S extends Stream, Topic extends string> =
  S extends Stream<infer Defined, infer E>
    ? Topic extends Defined
      ? S
      : Topic extends `${Defined}/${infer Id}`
        ? Stream<`${Defined}/${Id}`, E>
        : never
    : never

export interface Catalog<S extends Stream = Stream> {
  /** The streams, in the order given to `createCatalog`. */
  readonly streams: readonly S[]
  /**
   * Returns the contract of a topic: the stream defined for it, or else the instance of the stream whose topic is the
   * longest prefix (`training` for `training/7f3a`). Returns undefined for any other text, also for an invalid topic.
   */
  find<const Topic extends string>(
    topic: Topic,
  ): string extends Topic ? Stream<string, S['events']> | undefined : StreamOn<S, Topic> | undefined
}

/**
 * Creates a catalog of streams.
 *
 * @throws {ContractError} `invalid-contract` if two streams have the same topic.
 */
export function createCatalog<const S extends Stream>(streams: readonly S[]): Catalog<S> {
  const byTopic = new Map<string, S>()
  for (const stream of streams) {
    const { topic } = stream
    if (byTopic.has(topic)) {
      throw new ContractError(
        'invalid-contract',
        `The catalog has two streams with the topic ${topic}: give each stream its own topic.`,
        { topic },
      )
    }
    byTopic.set(topic, stream)
  }
  return Object.freeze({
    streams: Object.freeze([...streams]),
    // TypeScript cannot check a function body against the conditional type of `Catalog.find`.
    find: find as Catalog<S>['find'],
  })

  function find(topic: string): Stream | undefined {
    const defined = byTopic.get(topic)
    if (defined !== undefined || !isTopic(topic)) return defined
    for (let end = topic.lastIndexOf('/'); end > 0; end = topic.lastIndexOf('/', end - 1)) {
      const base = byTopic.get(topic.slice(0, end))
      if (base !== undefined) return instance(base, topic.slice(end + 1))
    }
    return undefined
  }
}
