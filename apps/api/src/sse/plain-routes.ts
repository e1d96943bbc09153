/** `GET /stream-time`, `/system-stats` and `/stream-stocks`: one topic each, as plain events. */
import type Router from '@koa/router'
import type { TopicRequest } from '@downlink/hub'
import { pickEvents } from '@downlink/protocol'
import { stocks, systemStats, time } from '@downlink/protocol/streams'
import { lastEventIdOf, serveStream } from './event-stream.ts'
import type { Services } from '../services.ts'
import { beat } from '../topics.ts'

export function plainStreams(router: Router, services: Services): void {
  const { hub } = services
  serve('/stream-time', () => beat(hub, time))
  // Only the readings: `/events` sends the limits, too.
  serve('/system-stats', () => beat(hub, pickEvents(systemStats, ['message'])))
  // Prices keep their own time: a newcomer waits for the next one.
  serve('/stream-stocks', () => ({ stream: stocks, start: 'live' }))

  function serve(path: string, topic: () => TopicRequest): void {
    router.get(path, (ctx) => {
      const lastEventId = lastEventIdOf(ctx)
      return serveStream(ctx, services, 'plain', () => ({ topics: [topic()], lastEventId }))
    })
  }
}
