import { createLink } from '@downlink/client'
import { prices } from './prices.ts'

// Reads until there are enough prices. Leaving the loop closes the connection.
export async function firstPrices(url: string, count: number): Promise<number[]> {
  const link = createLink(url)
  const found: number[] = []
  for await (const { data } of link.subscribe(prices, { signal: AbortSignal.timeout(10_000) })) {
    found.push(data.price)
    if (found.length === count) break
  }
  return found
}
