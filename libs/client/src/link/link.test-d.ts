/** Types that an application relies on: checked by the compiler, which must refuse what is marked. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { defineStream, json, text } from '@downlink/protocol'
import { createLink, type LinkStatus } from '../index.ts'

declare const number: StandardSchemaV1<number>
declare const string: StandardSchemaV1<string>

const run = defineStream({
  topic: 'run',
  events: { progress: json(number), complete: text(string) },
  overflow: 'disconnect',
  finalEvents: ['complete'],
})
const link = createLink('/events')

link.subscribe(run, {
  onEvent(event) {
    if (event.event === 'complete') event.data satisfies string
    else event.data satisfies number
    event.id satisfies string
    // @ts-expect-error -- there is no such event
    if (event.event === 'other') throw new Error()
    // @ts-expect-error -- before its name is known, the data may be either
    event.data satisfies string
  },
  onResume: (outcome) => outcome satisfies 'fresh' | 'resumed' | 'gap',
  onDropped: (count) => count satisfies number,
})

// @ts-expect-error -- handlers without onEvent are no subscription with callbacks
link.subscribe(run, { onEnd: () => undefined })

export async function read(): Promise<number> {
  for await (const event of link.subscribe(run)) if (event.event === 'progress') return event.data
  return 0
}

export function describe(status: LinkStatus): string {
  switch (status.state) {
    case 'reconnecting':
      return `${status.reason.message} ${status.attempt} ${status.retryAt}`
    case 'failed':
      return `${status.error.code} ${status.error.status ?? ''}`
    case 'ended':
      return status.reason
    case 'idle':
      return ''
    default:
      return String(status.since)
  }
}
