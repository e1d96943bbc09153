/** A catalog: the streams of an application, found by topic. */
import { instance, type Stream } from './define-stream.ts'
import { ContractError } from './errors.ts'
import { isTopic } from './names.ts'

/** The stream on a topic: the stream defined for it, or the instance `<topic>/<id>` of one. */
export type StreamOn<S extends Stream, Topic extends string> =
  S extends Stream<infer Defined, infer E>
    ? Topic extends Defined
      ? S
      : Topic extends `${Defined}/${infer Id}`
        ? Stream<`${Defined}/${Id}`, E>
        : never
    : never

export interface Catalog<S extends Stream = Stream> {
  /** Every stream, in the order given. */
  readonly streams: readonly S[]
  /**
   * The contract for a topic: the stream defined for it, else the instance of the stream whose topic is the longest
   * prefix, as `training/7f3a` of `training`. Undefined for any other text, valid topic or not.
   */
  find<const Topic extends string>(
    topic: Topic,
  ): string extends Topic ? Stream<string, S['events']> | undefined : StreamOn<S, Topic> | undefined
}

/**
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
    // The conditional type above describes this lookup; TypeScript cannot derive it.
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
