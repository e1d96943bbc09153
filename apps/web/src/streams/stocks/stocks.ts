// Three prices with their last change and a short history each.
import type { StockPrice, StockSymbol } from '@downlink/protocol/streams'
import { Live } from '../../panel/live.svelte.ts'
import { staleAfter } from '../../panel/panel-state.ts'

/** As many points as a small line has room for. */
const HISTORY = 120
/** The slowest pace of the simulated market, all symbols together. */
const EXPECTED_MS = 1500

export interface Quote {
  readonly symbol: string
  /** Null before the first price. */
  readonly price: number | null
  readonly change: number
  /** The change against the price before, in percent. */
  readonly changePercent: number
  readonly history: readonly number[]
}

export type Quotes = Readonly<Record<StockSymbol, Quote>>

export class StocksModel {
  readonly live: Live<Quotes>
  readonly staleAfterMs = staleAfter(EXPECTED_MS)
  #quotes: Quotes = { AAPL: unknown('AAPL'), GOOGL: unknown('GOOGL'), MSFT: unknown('MSFT') }

  constructor() {
    this.live = new Live(() => this.#quotes)
  }

  receive(symbol: StockSymbol, { price, change }: StockPrice, at: number): void {
    const before = price - change
    const changePercent = before > 0 ? (change / before) * 100 : 0
    const history = [...this.#quotes[symbol].history, price].slice(-HISTORY)
    this.#quotes = { ...this.#quotes, [symbol]: { symbol, price, change, changePercent, history } }
    this.live.touch(at)
  }
}

function unknown(symbol: StockSymbol): Quote {
  return { symbol, price: null, change: 0, changePercent: 0, history: [] }
}
