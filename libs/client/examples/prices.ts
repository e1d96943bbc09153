// The contract of the stream. Any schema library that implements Standard Schema works.
import { defineStream, json } from '@downlink/protocol'
import * as v from 'valibot'

export const prices = defineStream({
  topic: 'prices',
  events: { tick: json(v.object({ symbol: v.string(), price: v.number() })) },
  overflow: 'conflate',
})
