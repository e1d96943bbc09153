import { defineStream, json, pack, text, unpack } from '@downlink/protocol'
import * as v from 'valibot'

export const orders = defineStream({
  topic: 'orders',
  events: {
    placed: json(v.object({ id: v.number(), total: v.pipe(v.number(), v.minValue(0)) })),
    closed: text(v.string()),
  },
  overflow: 'disconnect',
  finalEvents: ['closed'],
})

/** On the server: `pack` validates the data and writes it as text. It throws if the schema rejects the data. */
export const placed = pack(orders, 'placed', { id: 7, total: 12.5 })

/** On the client: the event name narrows the type of the data. A failure is a value, not an exception. */
export function describe(event: string, data: string): string {
  const received = unpack(orders, { event, data, id: '' })
  if (!received.ok) return `${received.failure.path}: ${received.failure.code}`
  const { value } = received
  return value.event === 'placed' ? `order ${value.data.id}` : value.data.toUpperCase()
}
