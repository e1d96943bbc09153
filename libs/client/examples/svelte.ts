import type { Link } from '@downlink/client'
import { createSubscriber } from 'svelte/reactivity'
import { prices } from './prices.ts'

// Use {ticker.price} in a component. The first effect that reads it subscribes, and the last one unsubscribes.
export class Ticker {
  #price: number | undefined
  readonly #subscribe: () => void

  constructor(link: Link) {
    this.#subscribe = createSubscriber((update) =>
      link.subscribe(prices, {
        onEvent: ({ data }) => {
          this.#price = data.price
          update()
        },
      }),
    )
  }

  get price(): number | undefined {
    this.#subscribe()
    return this.#price
  }
}
