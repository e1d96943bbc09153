/** Stock prices: a step of the one walk that all viewers share, every half to one and a half seconds. */
import type { Source } from '@downlink/hub'
import type { stocks } from '@downlink/protocol/streams'
import { createPace, type Clock } from '../../clock.ts'
import type { StockWalk } from './walk.ts'

const MIN_WAIT_MS = 500
const MAX_WAIT_MS = 1500

/**
 * The walk stands still while nobody watches, and goes on where it stopped.
 * @param random - uniform in [0, 1), as `Math.random`
 */
export function stocksSource(
  clock: Clock,
  random: () => number,
  step: StockWalk,
): Source<typeof stocks> {
  return async (controls) => {
    const pace = createPace(clock, controls.signal)
    for (;;) {
      await pace.next(MIN_WAIT_MS + random() * (MAX_WAIT_MS - MIN_WAIT_MS))
      const price = step()
      controls.publish(price.symbol, price)
    }
  }
}
