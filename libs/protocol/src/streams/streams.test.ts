import { describe, expect, test } from 'vitest'
import type { EventInput, EventName, Stream } from '../index.ts'
import { pack, unpack } from '../index.ts'
import { stocks, systemStats, time, training } from './index.ts'

describe('the demo contracts', () => {
  test('accept the data of the demos', () => {
    roundTrip(time, 'message', 'The time is 23:59:59')
    roundTrip(systemStats, 'message', {
      cpu_percent: 12.5,
      memory_percent: 40,
      memory_used_mb: 3276.8,
      memory_total_mb: 8192,
    })
    roundTrip(training, 'progress', { epoch: 1, total_epochs: 10, progress_percent: 1, loss: 1.09 })
    roundTrip(training, 'complete', 'Training complete!')
    roundTrip(training, 'cancelled', { epoch: 1, total_epochs: 10, progress_percent: 0, loss: 1.1 })
    roundTrip(stocks, 'GOOGL', { symbol: 'GOOGL', price: 2800.25, change: -0.25 })
  })

  test.each([
    [time, 'message', 'The time is 24:00:00'],
    [
      systemStats,
      'message',
      '{"cpu_percent":101,"memory_percent":1,"memory_used_mb":1,"memory_total_mb":1}',
    ],
    [training, 'progress', '{"epoch":0,"total_epochs":10,"progress_percent":1,"loss":1}'],
    [stocks, 'AAPL', '{"symbol":"MSFT","price":1,"change":0}'],
    [stocks, 'AAPL', '{"symbol":"AAPL","price":-1,"change":0}'],
  ])('%o rejects %s %s', (stream: Stream, event, data) => {
    expect(unpack(stream, { event, data, id: '' })).toMatchObject({
      ok: false,
      failure: { code: 'invalid-data' },
    })
  })
})

function roundTrip<S extends Stream, E extends EventName<S>>(
  stream: S,
  event: E,
  data: EventInput<S, E>,
) {
  const packed = pack(stream, event, data)
  expect(unpack(stream, { ...packed, id: '' })).toEqual({
    ok: true,
    value: { event, data, id: '' },
  })
}
