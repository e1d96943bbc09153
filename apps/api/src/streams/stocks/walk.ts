/** A random walk of three prices: each step changes one of them by at most half a dollar, and never below zero. */
import type { Clock } from '@downlink/protocol'
import type { StockPrice, StockSymbol } from '@downlink/protocol/streams'

const OPENING_PRICES = { AAPL: 150, GOOGL: 2800, MSFT: 300 } satisfies Record<StockSymbol, number>
const SYMBOLS = Object.keys(OPENING_PRICES) as StockSymbol[]
const MAX_CHANGE = 0.5

/** Changes the price of a random symbol and returns it. */
export type StockWalk = () => StockPrice & { readonly symbol: StockSymbol }

export function createStockWalk(clock: Pick<Clock, 'random'>): StockWalk {
  const prices: Record<StockSymbol, number> = { ...OPENING_PRICES }
  return () => {
    const symbol = SYMBOLS[Math.floor(clock.random() * SYMBOLS.length)] ?? 'AAPL'
    const before = prices[symbol]
    const price = Math.max(0, cents(before + (2 * clock.random() - 1) * MAX_CHANGE))
    prices[symbol] = price
    return { symbol, price, change: cents(price - before) }
  }
}

function cents(value: number): number {
  // Adding 0 turns -0 into 0.
  return Math.round(value * 100) / 100 + 0
}
