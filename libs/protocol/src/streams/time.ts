/** The time of the server as text, once per second. */
import * as v from 'valibot'
import { defineStream, text } from '../index.ts'

const TIME = /^The time is (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/

export const time = defineStream({
  topic: 'time',
  events: { message: text(v.pipe(v.string(), v.regex(TIME))) },
  overflow: 'conflate',
})
