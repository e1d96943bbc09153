/** Builds the Koa application: what every request passes, then the routes, then the dashboard's files. */
import { METHODS } from 'node:http'
import Router from '@koa/router'
import Koa from 'koa'
import { isPeerFault } from './peer-fault.ts'
import { problems } from './problem.ts'
import { demoFaultRoutes } from './routes/demo-faults.ts'
import { events } from './routes/events.ts'
import { operations } from './routes/operations.ts'
import { plainStreams } from './routes/plain-streams.ts'
import { trainingRuns } from './routes/training-runs.ts'
import { trainingStream } from './routes/training-stream.ts'
import { changesFromOwnPages, knownHosts, readableFrom, securityHeaders } from './security.ts'
import type { Services } from './services.ts'
import { staticFiles, type StaticFiles } from './static-files.ts'

/** @param files - the built dashboard; without it `GET /` is 404 */
export function createApp(services: Services, files: StaticFiles): Koa {
  const { config, log } = services
  const app = new Koa({ proxy: config.TRUST_PROXY, maxIpsCount: 1 })
  app.on('error', (error: unknown, ctx?: Koa.Context) => {
    // `ctx.path` parses the target, which can throw; `originalUrl` is the text as it came.
    const path = ctx?.originalUrl.replace(/\?.*$/s, '')
    log[isPeerFault(error) ? 'debug' : 'error']({ err: error, path }, 'request failed')
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

  app.use(staticFiles(files))
  return app
}
