/** One run of the API on its port: listens, and ends without dropping anybody unheard. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inTurn } from '@downlink/hub'
import { createApp } from '../app.ts'
import { systemClock } from '../clock.ts'
import { roomForConnections } from '../operations/descriptors.ts'
import { listen } from './listen.ts'
import { rejectInvalid } from './request-check.ts'
import type { Services } from '../services.ts'
import { loadFiles } from './static-files.ts'

export interface HttpServer {
  /** Or the path of a Unix socket. */
  readonly port: number | string
  readonly services: Services
  /** Resolves when all connections are closed, at most 2 s after the window. */
  readonly close: (windowMs: number) => Promise<void>
}

/** Node looks for requests that are late this often. */
const LATENESS_CHECK_MS = 2_000
/** How long after the window a stream may take to send its rest. */
const GRACE_MS = 1_000
/** Streams have gone by then; answers that are being written may finish. */
const LAST_ANSWERS_MS = 500

/** @throws StartError `port-busy`, `cannot-listen` or `cannot-read` */
export async function serveHttp(services: Services, webFolder: string): Promise<HttpServer> {
  const { config } = services
  const server = createServer(
    {
      maxHeaderSize: config.MAX_HEADER_BYTES,
      headersTimeout: config.HEADERS_TIMEOUT_MS,
      // Bodies are small: the whole request has to arrive in the time that its headers have.
      requestTimeout: config.HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: LATENESS_CHECK_MS,
    },
    handler(createApp(services, await loadFiles(webFolder))),
  )
  // Node would drop headers beyond a number silently: `rejectInvalid` counts them instead.
  server.maxHeadersCount = 0
  await listen(server, config)
  // Node closes a connection beyond this number at once, so that open ones and files keep their descriptors.
  server.maxConnections = config.MAX_CONNECTIONS || (roomForConnections() ?? Infinity)
  server.on('drop', services.metrics.countRefusedConnection)
  const address = server.address() as AddressInfo | string
  const port = typeof address === 'string' ? address : address.port
  return { port, services, close: (windowMs) => close(server, services, windowMs) }
}

/** Koa's handler returns a promise that it settles itself; node:http wants none. */
function handler(app: ReturnType<typeof createApp>) {
  const handle = app.callback()
  return inTurn((req, res) => {
    if (!rejectInvalid(req, res)) void handle(req, res)
  })
}

async function close(server: Server, services: Services, windowMs: number): Promise<void> {
  const { admission, hub, runs, metrics, log } = services
  log.info({ windowMs, streams: admission.open }, 'draining')
  admission.drain()
  // The port stays open for the window: a load balancer has to hear that this server is not ready any more.
  const window = admission.open > 0 ? systemClock.sleep(windowMs) : Promise.resolve()
  // A run ends with the last stream: from then on there is nobody to tell of its steps, and no hub to take them.
  const streams = hub
    .close({ spreadMs: windowMs, graceMs: windowMs + GRACE_MS })
    .then(() => runs.close())
  await Promise.all([window, streams])
  metrics.close()
  await new Promise((resolve) => {
    server.close(resolve)
    server.closeIdleConnections()
    setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS).unref()
  })
}
