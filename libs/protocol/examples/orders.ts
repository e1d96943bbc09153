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

/** The server's side: validated, written as text, and refused where it breaks the schema. */
export const placed = pack(orders, 'placed', { id: 7, total: 12.5 })

/** The client's side: one union, told apart by the name; a failure is a value. */
export function describe(event: string, data: string): string {
  const received = unpack(orders, { event, data, id: '' })
  if (!received.ok) return `${received.failure.path}: ${received.failure.code}`
  const { value } = received
  return value.event === 'placed' ? `order ${value.data.id}` : value.data.toUpperCase()
}
