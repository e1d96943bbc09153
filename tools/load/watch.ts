/**
 * Opens connections to any event stream, parses all events, and checks that ids increase. Needs more CPU time than
 * `openLoad`, but no stamps.
 */
import { Agent, get, type ClientRequest } from 'node:http'
import { createDecoder } from '@downlink/protocol/sse'

export interface WatchOptions {
  readonly url: string
  readonly connections: number
  /** How many connections are opened at the same time. Default 200. */
  readonly openAtOnce?: number
}

export interface WatchReport {
  readonly open: number
  /** Connections that ended, failed or were refused. */
  readonly closed: number
  readonly events: number
  readonly bytes: number
  /** Ids of the form `<epoch>-<seq>` that were not greater than the previous one. */
  readonly outOfOrder: number
}

export interface Watch {
  /** Resolves when every connection has received its headers or has failed. */
  readonly opened: Promise<void>
  report(): WatchReport
  close(): void
}

export function openWatch({ url, connections, openAtOnce = 200 }: WatchOptions): Watch {
  const agent = new Agent({ keepAlive: false, maxSockets: Infinity })
  const requests = new Set<ClientRequest>()
  const count = { open: 0, closed: 0, events: 0, bytes: 0, outOfOrder: 0 }
  let begun = 0
  let settled = 0

  const opened = new Promise<void>((resolve) => {
    for (let i = 0; i < Math.min(openAtOnce, connections); i++) openNext()

    function openNext(): void {
      if (begun === connections) return
      begun += 1
      let waits = true
      const request = get(url, { agent, headers: { accept: 'text/event-stream' } })
      requests.add(request)
      request.on('response', (res) => {
        count.open += 1
        let newest: string | undefined
        const decoder = createDecoder({
          onEvent({ id }) {
            count.events += 1
            if (newest !== undefined && isBefore(id, newest)) count.outOfOrder += 1
            newest = id
          },
        })
        res.on('data', (chunk: Buffer) => {
          count.bytes += chunk.length
          decoder.push(chunk)
        })
        res.on('error', () => undefined)
        res.on('close', () => (count.open -= 1))
        settle()
      })
      request.on('error', () => undefined)
      request.on('close', () => {
        requests.delete(request)
        count.closed += 1
        settle()
      })

      function settle(): void {
        if (!waits) return
        waits = false
        settled += 1
        openNext()
        if (settled === connections) resolve()
      }
    }
  })

  return {
    opened,
    report: () => ({ ...count }),
    close() {
      for (const request of requests) request.destroy()
    },
  }
}

function isBefore(id: string, newest: string): boolean {
  const [epoch, seq] = partsOf(id)
  const [newestEpoch, newestSeq] = partsOf(newest)
  return epoch === newestEpoch && seq < newestSeq
}

function partsOf(id: string): [epoch: string, seq: number] {
  const dash = id.lastIndexOf('-')
  return [id.slice(0, dash), Number(id.slice(dash + 1))]
}
