/** The walk of three prices: each step moves one of them, by up to half a dollar either way and never below zero. */
import type { StockPrice, StockSymbol } from '@downlink/protocol/streams'

const OPENING_PRICES = { AAPL: 150, GOOGL: 2800, MSFT: 300 } satisfies Record<StockSymbol, number>
const SYMBOLS = Object.keys(OPENING_PRICES) as StockSymbol[]
const MAX_CHANGE = 0.5

/** Moves a random price and returns it as it is now. */
export type StockWalk = () => StockPrice & { readonly symbol: StockSymbol }

/** @param random - uniform in [0, 1), as `Math.random` */
export function createStockWalk(random: () => number): StockWalk {
  const prices: Record<StockSymbol, number> = { ...OPENING_PRICES }
  return () => {
    const symbol = SYMBOLS[Math.floor(random() * SYMBOLS.length)] ?? 'AAPL'
    const before = prices[symbol]
    const price = Math.max(0, cents(before + (2 * random() - 1) * MAX_CHANGE))
    prices[symbol] = price
    return { symbol, price, change: cents(price - before) }
  }
}

function cents(value: number): number {
  // Adding 0 makes 0 of -0.
  return Math.round(value * 100) / 100 + 0
}
