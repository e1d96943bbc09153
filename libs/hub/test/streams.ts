/** Contracts for tests: one of each kind. Their schemas accept any value. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { defineStream, json, text } from '@downlink/protocol'

function any<T>(): StandardSchemaV1<T> {
  return {
    '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as T }) },
  }
}

/** A slow subscriber gets the newest event of each name. */
export const prices = defineStream({
  topic: 'prices',
  events: { A: json(any<number>()), B: json(any<number>()) },
  overflow: 'conflate',
})

/** A slow subscriber is disconnected. Ends with `done`. */
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
