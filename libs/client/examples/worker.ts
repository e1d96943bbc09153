import { createLink } from '@downlink/client'
import { prices } from './prices.ts'

// In a worker, parsing does not block the page: new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
const link = createLink('/events')
link.subscribe(prices, { onEvent: ({ data }) => postMessage(data) })
link.onStatus(({ state }) => postMessage({ state }))
