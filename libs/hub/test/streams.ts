/** Contracts for tests: one of each kind. Their schemas take what they are given. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { defineStream, json, text } from '@downlink/protocol'

function any<T>(): StandardSchemaV1<T> {
  return {
    '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as T }) },
  }
}

/** Conflated by event name. */
export const prices = defineStream({
  topic: 'prices',
  events: { A: json(any<number>()), B: json(any<number>()) },
  overflow: 'conflate',
})

/** Every event counts, and the last one is `done`. */
export const job = defineStream({
  topic: 'job',
  events: { step: json(any<number>()), done: text(any<string>()) },
  overflow: 'disconnect',
  finalEvents: ['done'],
})

/** Unnamed events. */
export const note = defineStream({
  topic: 'note',
  events: { message: text(any<string>()) },
  overflow: 'disconnect',
})
