import { expect, test } from 'vitest'
import type { JournalEntry } from '../../connection/journal.ts'
import { streams } from '../../streams/index.ts'
import { latencies } from './latency.ts'
import { rowOf, type Row } from './row.ts'

let number = 0

function frame(at: number, event: string, data: string): Row {
  const text = `event: ${event}\ndata: ${data}\n\n`
  const entry: JournalEntry = { number: number++, kind: 'frame', text, bytes: 0, at, raw: true }
  return rowOf(entry)
}

const tick = (at: number, second: string) =>
  frame(at, 'time/message', `The time is 14:27:${second}`)
const stats = (at: number) => frame(at, 'system-stats/message', '{}')

function millisecondsOf(rows: readonly Row[], halfTripMs = 0) {
  const latency = latencies(rows, streams, halfTripMs)
  return rows.map((row) => latency(row)?.ms)
}

test('events with a time are compared with the fastest event of the minute, plus half a round trip', () => {
  const rows = [tick(41_300, '41'), tick(42_330, '42'), tick(45_900, '43')]
  expect(millisecondsOf(rows, 4)).toEqual([4, 34, 2604])
  expect(latencies(rows, streams, 4)(rows[0] as Row)?.how).toContain('Estimated')
})

test('midnight does not count as lateness', () => {
  const rows = [frame(0, 'time/message', 'The time is 23:59:59')]
  rows.push(frame(1005, 'time/message', 'The time is 00:00:00'))
  expect(millisecondsOf(rows)).toEqual([0, 5])
})

test('events with a fixed interval are compared by their interval', () => {
  const rows = [stats(0), stats(1020), stats(2000), stats(3300), stats(4001)]
  expect(millisecondsOf(rows)).toEqual([0, 20, 0, 300, 1])
})

test('an event with another name than those with a fixed interval has no latency', () => {
  const limits = frame(1_400, 'system-stats/limits', '{}')
  expect(millisecondsOf([stats(0), stats(1000), limits, stats(2000)])).toEqual([0, 0, null, 0])
})

test('after a time in which events may have been left out, the interval starts again', () => {
  const rows = [stats(0), stats(1000), stats(5600), stats(6600)]
  expect(millisecondsOf(rows)).toEqual([0, 0, 0, 0])
})

test('events of two connections are not compared', () => {
  const hello = '{"heartbeatMs":1000,"outcome":"fresh"}'
  const rows = [tick(41_000, '41'), frame(41_900, 'downlink.hello', hello), tick(42_700, '42')]
  expect(millisecondsOf(rows)[2]).toBeNull()
})

test('an unknown latency comes with the reason', () => {
  const rows = [frame(0, 'stocks/AAPL', '{}'), tick(41_000, '41'), tick(42_000, '42')]
  const [price, first, second] = rows as [Row, Row, Row]
  expect(latencies(rows, streams, 0)(price)).toEqual({
    ms: null,
    how: 'Unknown: this event contains no time and is not sent at a fixed interval',
  })
  const noRoundTrip = latencies(rows, streams, null)(first)
  expect(noRoundTrip?.how).toBe('Unknown: the API did not answer GET /time')
  expect(latencies([second], streams, 0)(second)?.how).toContain('no other event')
})
