// What the stream carries: any schema library that speaks Standard Schema will do.
import { defineStream, json } from '@downlink/protocol'
import * as v from 'valibot'

export const prices = defineStream({
  topic: 'prices',
  events: { tick: json(v.object({ symbol: v.string(), price: v.number() })) },
  overflow: 'conflate',
})
