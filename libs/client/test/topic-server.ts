/**
 * A stream server with a history: each client receives the events after its last event ID, all events of the topics that it
 * names as added, and the events to come.
 */
import { encodeEvent } from '@downlink/protocol/sse'
import { startStreamServer, type StreamServer, type Visit } from './stream-server.ts'

export interface TopicServer extends StreamServer {
  /** Publishes to the open connections and to later ones. */
  publish(topic: string, data: string): void
  /** Sends an event to the open connections of `/plain`, which has no history and ignores last event IDs. */
  publishPlain(id: number, data: string): void
  /** The open connections. */
  readonly open: ReadonlySet<Visit>
  readonly openPlain: ReadonlySet<Visit>
  /** Topics that the server refuses as unknown. */
  readonly refuse: Set<string>
}

export interface History {
  readonly events: { topic: string; data: string; seq: number }[]
}

/** Called again with the same history and port, it acts as the same server after a restart. */
export async function startTopicServer(
  port = 0,
  history: History = { events: [] },
): Promise<TopicServer> {
  const server = await startStreamServer(port)
  const open = new Set<Visit>()
  const openPlain = new Set<Visit>()
  const refuse = new Set<string>()
  void serve()

  return {
    ...server,
    open,
    openPlain,
    refuse,
    publishPlain(id, data) {
      for (const visit of openPlain) visit.write(encodeEvent({ id: String(id), data }))
    },
    publish(topic, data) {
      const event = { topic, data, seq: history.events.length + 1 }
      history.events.push(event)
      for (const visit of open) send(visit, event)
    },
  }

  async function serve(): Promise<never> {
    for (;;) {
      const visit = await server.visit()
      if (visit.url.pathname === '/plain') {
        visit.open().write(': open\n\n')
        openPlain.add(visit)
        void visit.closed.then(() => openPlain.delete(visit))
        continue
      }
      if (visit.url.pathname !== '/events') {
        visit.response.writeHead(404).end('nothing here')
        continue
      }
      const header = visit.request.headers['last-event-id']
      const after = Number(String(header ?? '').split('-')[1] ?? NaN)
      const outcome = Number.isNaN(after) ? 'fresh' : 'resumed'
      const isMissed = ({ topic, seq }: History['events'][number]): boolean =>
        !(seq <= after) || visit.url.searchParams.getAll('added').includes(topic)
      const missed = history.events.filter(isMissed)
      const before = (missed[0]?.seq ?? history.events.length + 1) - 1
      const hello = encodeEvent({
        event: 'downlink.hello',
        data: JSON.stringify({ heartbeatMs: 15_000, outcome }),
        id: `e-${before}`,
      })
      visit.open().write(`retry: 20\n${hello}`)
      for (const topic of visit.url.searchParams.getAll('topic')) {
        if (!refuse.has(topic)) continue
        const data = JSON.stringify({ topic, reason: 'unknown' })
        visit.write(encodeEvent({ event: 'downlink.refused', data }))
      }
      open.add(visit)
      void visit.closed.then(() => open.delete(visit))
      for (const event of missed) send(visit, event)
    }
  }

  function send(visit: Visit, { topic, data, seq }: History['events'][number]): void {
    if (!visit.url.searchParams.getAll('topic').includes(topic)) return
    visit.write(encodeEvent({ event: `${topic}/message`, data, id: `e-${seq}` }))
  }
}
