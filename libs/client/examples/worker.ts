import { createLink } from '@downlink/client'
import { prices } from './prices.ts'

// In a worker the page never waits for parsing: new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
const link = createLink('/events')
link.subscribe(prices, { onEvent: ({ data }) => postMessage(data) })
link.onStatus(({ state }) => postMessage({ state }))
