/** Builds the Koa application: what every request passes, then the routes, then the dashboard's files. */
import { METHODS } from 'node:http'
import etag from '@koa/etag'
import Router from '@koa/router'
import Koa from 'koa'
import conditionalGet from 'koa-conditional-get'
import { problems } from './problem.ts'
import { demoFaultRoutes } from './routes/demo-faults.ts'
import { events } from './routes/events.ts'
import { operations } from './routes/operations.ts'
import { plainStreams } from './routes/plain-streams.ts'
import { trainingRuns } from './routes/training-runs.ts'
import { trainingStream } from './routes/training-stream.ts'
import { changesFromOwnPages, knownHosts, readableFrom, securityHeaders } from './security.ts'
import type { Services } from './services.ts'
import { staticFiles } from './static-files.ts'

/** What the other side did: it went, or it was too slow. A stream's own line tells why it ended. */
const PEER_FAULTS = new Set(['ECONNRESET', 'EPIPE', 'ERR_HTTP_REQUEST_TIMEOUT'])

/** @param webFolder - the built dashboard; may be missing, then `GET /` is 404 */
export function createApp(services: Services, webFolder: string): Koa {
  const { config, log } = services
  const app = new Koa({ proxy: config.TRUST_PROXY, maxIpsCount: 1 })
  app.on('error', (error: NodeJS.ErrnoException, ctx?: Koa.Context) => {
    const level = PEER_FAULTS.has(error.code ?? '') ? 'debug' : 'error'
    log[level]({ err: error, path: ctx?.path }, 'request failed')
  })

  app.use(problems())
  app.use(securityHeaders())
  app.use(knownHosts(config.ALLOWED_HOSTS, config.HOST))
  app.use(readableFrom(config.CORS_ORIGINS))
  app.use(changesFromOwnPages(config.CORS_ORIGINS))

  // Every method Node can parse, so that a wrong one gets 405 with Allow and not 501.
  const router = new Router({ methods: METHODS })
  if (services.faults !== undefined) demoFaultRoutes(router, services.faults)
  plainStreams(router, services)
  trainingStream(router, services)
  events(router, services)
  trainingRuns(router, services)
  operations(router, services)
  app.use(router.routes())
  app.use(router.allowedMethods())

  app.use(conditionalGet())
  app.use(etag())
  app.use(staticFiles(webFolder))
  return app
}
