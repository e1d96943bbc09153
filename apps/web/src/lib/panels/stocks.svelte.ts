// Three prices with their last change and a short history each.
import { stocks, type StockPrice, type StockSymbol } from '@downlink/protocol/streams'
import { Live } from '../live.svelte.ts'
import { staleAfter } from '../panel-state.ts'

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

export class StocksModel {
  readonly live: Live<readonly Quote[]>
  readonly staleAfterMs = staleAfter(EXPECTED_MS)
  #quotes: readonly Quote[] = Object.keys(stocks.events).map((symbol) => ({ ...UNKNOWN, symbol }))

  constructor() {
    this.live = new Live(() => this.#quotes)
  }

  receive(symbol: StockSymbol, { price, change }: StockPrice, at: number): void {
    const before = price - change
    const changePercent = before > 0 ? (change / before) * 100 : 0
    this.#quotes = this.#quotes.map((quote) => {
      if (quote.symbol !== symbol) return quote
      const history = [...quote.history, price].slice(-HISTORY)
      return { symbol, price, change, changePercent, history }
    })
    this.live.touch(at)
  }
}

const UNKNOWN = { price: null, change: 0, changePercent: 0, history: [] }
