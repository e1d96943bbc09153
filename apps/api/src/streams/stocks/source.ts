/** Stock prices: one step of a shared random walk every 0.5 to 1.5 seconds. */
import type { Source } from '@downlink/hub'
import type { Clock } from '@downlink/protocol'
import { stocks } from '@downlink/protocol/streams'
import { createPace } from '../../clock.ts'
import type { StandingSource } from '../standing.ts'
import type { StreamContext } from '../stream-entry.ts'
import { createStockWalk, type StockWalk } from './walk.ts'

const MIN_WAIT_MS = 500
const MAX_WAIT_MS = 1500

/** All subscribers see the same walk, and the events of `publishOne` are steps of it too. */
export function createStocks({ hub, clock }: StreamContext): StandingSource<typeof stocks> {
  const step = createStockWalk(clock)
  return {
    source: stocksSource(clock, step),
    publishOne() {
      const price = step()
      return hub.publish(stocks, price.symbol, price)
    },
  }
}

/** The walk stops without subscribers and later continues from the same prices. */
export function stocksSource(clock: Clock, step: StockWalk): Source<typeof stocks> {
  return async (controls) => {
    const pace = createPace(clock, controls.signal)
    for (;;) {
      await pace.next(MIN_WAIT_MS + clock.random() * (MAX_WAIT_MS - MIN_WAIT_MS))
      const price = step()
      controls.publish(price.symbol, price)
    }
  }
}
