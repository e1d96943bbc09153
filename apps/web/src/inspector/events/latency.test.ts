import { expect, test } from 'vitest'
import type { JournalEntry } from '../../connection/journal.ts'
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

test('a tick is as late as it came after the fastest of the minute, plus half of a round trip', () => {
  const rows = [tick(41_300, '41'), tick(42_330, '42'), tick(45_900, '43')]
  const latency = latencies(rows, 4)
  expect(rows.map((row) => latency(row)?.ms)).toEqual([4, 34, 2604])
  expect(latency(rows[0] as Row)?.how).toContain('Estimated')
})

test('midnight and the change of the hour are no lateness', () => {
  const rows = [frame(0, 'time/message', 'The time is 23:59:59')]
  rows.push(frame(1005, 'time/message', 'The time is 00:00:00'))
  expect(latencies(rows, 0)(rows[1] as Row)?.ms).toBe(5)
})

test('a topic that comes once a second is measured by its beat', () => {
  const rows = [stats(0), stats(1020), stats(2000), stats(3300), stats(4001)]
  const latency = latencies(rows, 0)
  expect(rows.map((row) => latency(row)?.ms)).toEqual([0, 20, 0, 300, 1])
})

test('the limits of the server have no beat', () => {
  const limits = frame(1_400, 'system-stats/limits', '{}')
  const rows = [stats(0), stats(1000), limits, stats(2000)]
  const latency = latencies(rows, 0)
  expect(rows.map((row) => latency(row)?.ms)).toEqual([0, 0, null, 0])
})

test('after a silence in which beats may have been left out, the beat is found anew', () => {
  const rows = [stats(0), stats(1000), stats(5600), stats(6600)]
  const latency = latencies(rows, 0)
  expect(rows.map((row) => latency(row)?.ms)).toEqual([0, 0, 0, 0])
})

test('events of two connections are not compared', () => {
  const hello = '{"heartbeatMs":1000,"outcome":"fresh"}'
  const rows = [tick(41_000, '41'), frame(41_900, 'downlink.hello', hello), tick(42_700, '42')]
  expect(latencies(rows, 0)(rows[2] as Row)?.ms).toBeNull()
})

test('where nothing can be said, the reason is', () => {
  const rows = [frame(0, 'stocks/AAPL', '{}'), tick(41_000, '41'), tick(42_000, '42')]
  const [price, first, second] = rows as [Row, Row, Row]
  expect(latencies(rows, 0)(price)).toEqual({
    ms: null,
    how: 'Unknown: this topic neither says when it was sent nor keeps a beat',
  })
  expect(latencies(rows, null)(first)?.how).toBe('Unknown: GET /time was not answered')
  expect(latencies([second], 0)(second)?.how).toContain('no other event')
})
