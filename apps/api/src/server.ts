/** Starts the API from its settings. `npm start`, `nx serve api` and the tests use it. */
import { fileURLToPath } from 'node:url'
import { systemClock } from './clock.ts'
import { readConfig, type Config } from './config.ts'
import { openEventLog } from './event-log.ts'
import { serveHttp, type HttpServer } from './http/http-server.ts'
import { createLog, type Log } from './operations/log.ts'
import { createServices, type ServiceParts, type Services } from './services.ts'
import type { Environment } from './setting.ts'
import { streams } from './streams/index.ts'

export interface RunningServer {
  /** The URL for a browser on this machine; `unix:<path>` for a Unix socket. */
  readonly url: string
  readonly services: Services
  /**
   * Ends every stream with `downlink.bye` and resolves when all connections are closed, at most 2 s after the window.
   * Until then `/readyz` is 503 and new streams are refused. Calling it again returns the same promise.
   * @param windowMs - the time over which the streams are ended; default `DRAIN_MS`
   */
  readonly close: (windowMs?: number) => Promise<void>
}

/** Parts that tests replace. */
export interface ServerParts extends Partial<Pick<ServiceParts, 'clock' | 'log' | 'streams'>> {
  readonly webFolder?: string
}

const WEB_FOLDER = fileURLToPath(new URL('../../web/dist', import.meta.url))

/**
 * Reads the settings and listens.
 * @throws StartError with one line that says what to change
 */
export async function startServer(
  env: Environment,
  parts: ServerParts = {},
): Promise<RunningServer> {
  const config = readConfig(env)
  const output: Log =
    parts.log === undefined ? createLog(config.LOG_LEVEL) : { logger: parts.log, dropped: () => 0 }
  const log = output.logger
  let current = await begin(config)
  let restarting: Promise<void> | undefined
  let closed: Promise<void> | undefined

  return {
    url: urlOf(config.HOST, current.port),
    get services() {
      return current.services
    },
    close: (windowMs = config.DRAIN_MS) => (closed ??= close(windowMs)),
  }

  async function begin(settings: Config): Promise<HttpServer> {
    const table = parts.streams ?? streams
    const eventLog = await openEventLog(settings, table)
    try {
      const services = createServices({
        config: settings,
        eventLog,
        log,
        droppedLogLines: output.dropped,
        clock: parts.clock ?? systemClock,
        streams: table,
        restart: () => {
          if (closed === undefined) restarting ??= restart()
        },
      })
      const server = await serveHttp(services, parts.webFolder ?? WEB_FOLDER)
      const { port } = server
      log.info(
        typeof port === 'string' ? { socket: port } : { host: settings.HOST, port },
        'listening',
      )
      return {
        ...server,
        // The hub publishes until it is closed.
        close: (windowMs) => server.close(windowMs).then(() => eventLog.close()),
      }
    } catch (error) {
      await eventLog.close()
      throw error
    }
  }

  async function restart(): Promise<void> {
    await current.close(config.DRAIN_MS)
    current = await begin({ ...config, PORT: current.port })
    restarting = undefined
  }

  async function close(windowMs: number): Promise<void> {
    await restarting
    await current.close(windowMs)
  }
}

function urlOf(host: string, port: number | string): string {
  if (typeof port === 'string') return `unix:${port}`
  const isLocal = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host)
  const name = isLocal ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}
