/** A real HTTP server on a free port of the loopback interface. The test writes each response. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request, which stays open until the test responds. */
export interface Visit {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The path and query of the request. */
  readonly url: URL
  /** Resolves when the client has disconnected or the response is complete. */
  readonly closed: Promise<void>
  /** Sends status 200 and the headers of an event stream. */
  open(headers?: Record<string, string>): this
  write(text: string | Uint8Array): this
  /** Breaks the connection without ending the response. */
  cut(): void
  end(text?: string): void
  body(): Promise<string>
}

export interface StreamServer {
  readonly url: string
  /** The next request, in order of arrival. */
  visit(): Promise<Visit>
  /** All requests so far, in order of arrival. */
  readonly visits: readonly Visit[]
  close(): Promise<void>
}

export async function startStreamServer(port = 0): Promise<StreamServer> {
  const visits: Visit[] = []
  const waiting: ((visit: Visit) => void)[] = []
  let taken = 0
  const server = createServer((request, response) => {
    const visit = createVisit(request, response)
    visits.push(visit)
    waiting.shift()?.(visit)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    visits,
    visit() {
      const visit = visits[taken++]
      if (visit !== undefined) return Promise.resolve(visit)
      return new Promise((resolve) => waiting.push(resolve))
    },
    close() {
      const done = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      return done
    },
  }
}

function createVisit(request: IncomingMessage, response: ServerResponse): Visit {
  return {
    request,
    response,
    url: new URL(request.url ?? '', 'http://server'),
    closed: new Promise((resolve) => response.on('close', resolve)),
    open(headers = {}) {
      response.writeHead(200, { 'content-type': 'text/event-stream', ...headers })
      response.flushHeaders()
      return this
    },
    write(text) {
      response.write(text)
      return this
    },
    cut: () => void request.socket.destroy(),
    end: (text = '') => void response.end(text),
    async body() {
      let text = ''
      for await (const chunk of request) text += String(chunk)
      return text
    },
  }
}
