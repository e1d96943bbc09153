/** Prices of three stocks. The event name is the symbol. */
import * as v from 'valibot'
import { defineStream, json } from '../index.ts'

export type StockSymbol = 'AAPL' | 'GOOGL' | 'MSFT'

export const stocks = defineStream({
  topic: 'stocks',
  events: { AAPL: json(price('AAPL')), GOOGL: json(price('GOOGL')), MSFT: json(price('MSFT')) },
  overflow: 'conflate',
})

export type StockPrice = v.InferOutput<ReturnType<typeof price<StockSymbol>>>

function price<S extends StockSymbol>(symbol: S) {
  return v.object({
    symbol: v.literal(symbol),
    price: v.pipe(v.number(), v.minValue(0)),
    /** The difference to the previous price. */
    change: v.number(),
  })
}
