import type { StockPrice } from '@downlink/protocol/streams'
import { expect, test } from 'vitest'
import { createManualClock } from '../../../test/clock.ts'
import { collect } from '../../../test/source.ts'
import { createStockWalk } from './walk.ts'
import { stocksSource } from './source.ts'

const HOUR_MS = 3_600_000

test('publishes a price every 0.5 to 1.5 s', async () => {
  const inner = createManualClock()
  const waits: number[] = []
  const clock = {
    ...inner,
    after(ms: number, callback: () => void) {
      waits.push(ms)
      return inner.after(ms, callback)
    },
  }
  const { events, stop } = collect(stocksSource(clock, createStockWalk(clock)))
  await inner.advance(200_000)
  expect(events.length).toBeGreaterThan(133)
  expect(events.length).toBeLessThan(400)
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(500)
  expect(Math.max(...waits)).toBeLessThan(1500)
  await stop()
})

test('each price is the previous one plus its change of at most half a dollar, in cents', async () => {
  const clock = createManualClock()
  const { events, stop } = collect(stocksSource(clock, createStockWalk(clock)))
  await clock.advance(300_000)
  const last: Record<string, number> = { AAPL: 150, GOOGL: 2800, MSFT: 300 }
  const seen = new Set<string>()
  for (const [event, data] of events) {
    const { symbol, price, change } = data as StockPrice
    expect(symbol).toBe(event)
    expect(price).toBeCloseTo((last[symbol] ?? NaN) + change, 6)
    expect(Math.abs(change)).toBeLessThanOrEqual(0.5)
    expect(price).toBe(Number(price.toFixed(2)))
    expect(change).toBe(Number(change.toFixed(2)))
    last[symbol] = price
    seen.add(symbol)
  }
  expect([...seen].sort()).toEqual(['AAPL', 'GOOGL', 'MSFT'])
  await stop()
})

test('a price never falls below zero', async () => {
  // Always the first symbol and the largest fall.
  const clock = { ...createManualClock(), random: () => 0 }
  const { events, stop } = collect(stocksSource(clock, createStockWalk(clock)))
  await clock.advance(HOUR_MS)
  const prices = events.map(([, data]) => (data as StockPrice).price)
  expect(Math.min(...prices)).toBe(0)
  expect(events.at(-1)).toEqual(['AAPL', { symbol: 'AAPL', price: 0, change: 0 }])
  await stop()
}, 20_000)

test('the walk continues where it stopped', async () => {
  const clock = { ...createManualClock(), random: () => 0.25 }
  const source = stocksSource(clock, createStockWalk(clock))
  const first = collect(source)
  await clock.advance(10_000)
  await first.stop()
  const second = collect(source)
  await clock.advance(800)
  const { price, change } = second.events[0]?.[1] as StockPrice
  expect(price - change).toBeCloseTo((first.events.at(-1)?.[1] as StockPrice).price, 6)
  await second.stop()
})
