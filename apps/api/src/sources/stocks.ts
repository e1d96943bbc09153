/** Three stock prices: one random walk each, which goes on where it stopped when somebody watches again. */
import type { stocks, StockSymbol } from '@downlink/protocol/streams'
import { createPace, type Clock } from '../clock.ts'
import type { Source } from '@downlink/hub'

const OPENING_PRICES = { AAPL: 150, GOOGL: 2800, MSFT: 300 } satisfies Record<StockSymbol, number>
const SYMBOLS = Object.keys(OPENING_PRICES) as StockSymbol[]
const MIN_WAIT_MS = 500
const MAX_WAIT_MS = 1500
const MAX_CHANGE = 0.5

/** @param random - uniform in [0, 1), as `Math.random` */
export function stocksSource(clock: Clock, random: () => number): Source<typeof stocks> {
  const prices: Record<StockSymbol, number> = { ...OPENING_PRICES }
  return async (controls) => {
    const pace = createPace(clock, controls.signal)
    for (;;) {
      await pace.next(between(MIN_WAIT_MS, MAX_WAIT_MS))
      const symbol = SYMBOLS[Math.floor(random() * SYMBOLS.length)] ?? 'AAPL'
      const before = prices[symbol]
      const price = Math.max(0, cents(before + between(-MAX_CHANGE, MAX_CHANGE)))
      prices[symbol] = price
      controls.publish(symbol, { symbol, price, change: cents(price - before) })
    }
  }

  function between(low: number, high: number): number {
    return low + random() * (high - low)
  }
}

function cents(value: number): number {
  // Adding 0 turns -0, which JSON would write as 0 all the same, into 0.
  return Math.round(value * 100) / 100 + 0
}
