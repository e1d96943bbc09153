import { createLink } from '@downlink/client'
import { prices } from './prices.ts'

export function watch(url: string, show: (text: string) => void): () => void {
  const link = createLink(url)
  link.onStatus((status) => {
    if (status.state === 'reconnecting') show(`Retry at ${new Date(status.retryAt).toISOString()}`)
    if (status.state === 'failed') show(status.error.message)
  })
  link.subscribe(prices, {
    onEvent: ({ data }) => show(`${data.symbol} ${data.price}`),
    onInvalid: ({ path, reason }) => show(`Skipped: ${path} ${reason}`),
    onResume: (outcome) => {
      if (outcome === 'gap') show('Events were lost: fetch the current state')
    },
  })
  return () => link.close()
}
