/** Builds the Koa application: what every request passes, then the routes, then the dashboard's files. */
import { METHODS } from 'node:http'
import Router from '@koa/router'
import Koa from 'koa'
import { isPeerFault } from './http/peer-fault.ts'
import { problems } from './http/problem.ts'
import { demoFaultRoutes } from './operations/demo-faults/routes.ts'
import { events } from './sse/events-route.ts'
import { operations } from './operations/probes.ts'
import { plainStreams } from './sse/plain-routes.ts'
import { trainingRuns } from './streams/training/run-routes.ts'
import { trainingStream } from './streams/training/plain-route.ts'
import { changesFromOwnPages, knownHosts, readableFrom, securityHeaders } from './http/security.ts'
import type { Services } from './services.ts'
import { staticFiles, type StaticFiles } from './http/static-files.ts'

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
