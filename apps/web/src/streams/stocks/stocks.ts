// The newest price of each stock, with its last change and a short history.
import { stocks, type StockPrice, type StockSymbol } from '@downlink/protocol/streams'
import type { StreamReader } from '../../connection/stream-reader.ts'
import { LiveView } from '../../panel/live-view.svelte.ts'
import { staleAfter } from '../../panel/panel-state.ts'
import type { StreamModel } from '../../panel/stream-panel.ts'

/** Prices in the history of a stock, as many as a sparkline can show. */
const HISTORY = 120
/** Longest expected time between two prices, of any stock. */
const EXPECTED_INTERVAL_MS = 1500

export interface Quote {
  readonly symbol: string
  /** Null before the first price. */
  readonly price: number | null
  readonly change: number
  /** The change relative to the price before, in percent. */
  readonly changePercent: number
  /** Oldest first. */
  readonly history: readonly number[]
}

export type Quotes = Readonly<Record<StockSymbol, Quote>>

export class StocksModel implements StreamModel {
  readonly live: LiveView<Quotes>
  readonly staleAfterMs = staleAfter(EXPECTED_INTERVAL_MS)
  #quotes: Quotes = { AAPL: noQuote('AAPL'), GOOGL: noQuote('GOOGL'), MSFT: noQuote('MSFT') }

  constructor() {
    this.live = new LiveView(() => this.#quotes)
  }

  subscribe(reader: StreamReader): void {
    reader.read(stocks, { onEvent: ({ event, data }, { at }) => this.#receive(event, data, at) })
  }

  #receive(symbol: StockSymbol, { price, change }: StockPrice, at: number): void {
    const before = price - change
    const changePercent = before > 0 ? (change / before) * 100 : 0
    const history = [...this.#quotes[symbol].history, price].slice(-HISTORY)
    this.#quotes = { ...this.#quotes, [symbol]: { symbol, price, change, changePercent, history } }
    this.live.update(at)
  }
}

function noQuote(symbol: StockSymbol): Quote {
  return { symbol, price: null, change: 0, changePercent: 0, history: [] }
}
