import type { Link } from '@downlink/client'
import { createSubscriber } from 'svelte/reactivity'
import { prices } from './prices.ts'

// {ticker.price} in a component is enough: it subscribes with the first effect that reads, and lets go after the last.
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
