/** Runs the API on its port, and closes it without dropping an open stream or response. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serializeRequests } from '@downlink/hub/node'
import { createApp } from '../app.ts'
import { sleep, systemClock } from '../clock.ts'
import { roomForConnections } from './descriptors.ts'
import { listen } from './listen.ts'
import { rejectInvalid } from './checks/request-check.ts'
import type { Services } from '../services.ts'
import { loadFiles } from './static-files.ts'

export interface HttpServer {
  /** A port, or the path of a Unix socket. */
  readonly port: number | string
  readonly services: Services
  /** Resolves when all connections are closed, at most 2 s after the window. */
  readonly close: (windowMs: number) => Promise<void>
}

/** How often Node checks for late requests. */
const LATENESS_CHECK_MS = 2_000
/** How long after the window a stream may take to send its queued events. */
const GRACE_MS = 1_000
/** All streams have ended by then. Other responses get this time to finish. */
const LAST_RESPONSES_MS = 500

/** @throws StartError `port-busy`, `cannot-listen` or `cannot-read` */
export async function serveHttp(services: Services, webFolder: string): Promise<HttpServer> {
  const { config } = services
  const server = createServer(
    {
      maxHeaderSize: config.MAX_HEADER_BYTES,
      headersTimeout: config.HEADERS_TIMEOUT_MS,
      // Bodies are small, so the whole request must arrive within the time for its headers.
      requestTimeout: config.HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: LATENESS_CHECK_MS,
    },
    handler(createApp(services, await loadFiles(webFolder))),
  )
  // Without this, Node silently drops headers beyond a limit. `rejectInvalid` rejects such requests instead.
  server.maxHeadersCount = 0
  await listen(server, config)
  // Node closes a connection beyond this number at once, which keeps file descriptors for open connections and files.
  server.maxConnections = config.MAX_CONNECTIONS || (roomForConnections() ?? Infinity)
  server.on('drop', services.metrics.countRefusedConnection)
  const address = server.address() as AddressInfo | string
  const port = typeof address === 'string' ? address : address.port
  return { port, services, close: (windowMs) => close(server, services, windowMs) }
}

/** Koa's handler returns a promise that never rejects; node:http expects no promise. */
function handler(app: ReturnType<typeof createApp>) {
  const handle = app.callback()
  return serializeRequests((req, res) => {
    if (!rejectInvalid(req, res)) void handle(req, res)
  })
}

async function close(server: Server, services: Services, windowMs: number): Promise<void> {
  const { admission, hub, streams, metrics, log } = services
  log.info({ windowMs, streams: admission.open }, 'draining')
  admission.drain()
  // The port stays open for the window, so that a load balancer learns from /readyz that this server is shutting down.
  const window = admission.open > 0 ? sleep(systemClock, windowMs) : Promise.resolve()
  // After the last subscriber has left, the hub accepts no events: work that still publishes ends then.
  const ended = hub
    .close({ spreadMs: windowMs, graceMs: windowMs + GRACE_MS })
    .then(() => Promise.all(streams.flatMap(({ served }) => served.close?.() ?? [])))
  await Promise.all([window, ended])
  metrics.close()
  await new Promise((resolve) => {
    server.close(resolve)
    server.closeIdleConnections()
    setTimeout(() => server.closeAllConnections(), LAST_RESPONSES_MS).unref()
  })
}
