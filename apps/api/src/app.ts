/** Builds the Koa application: checks for every request, then the routes, then the dashboard's files. */
import { METHODS } from 'node:http'
import Router from '@koa/router'
import Koa from 'koa'
import { isPeerFault } from './http/peer-fault.ts'
import { problems } from './http/problem.ts'
import { demoFaultRoutes } from './operations/demo-faults/routes.ts'
import { eventsRoute } from './sse/events-route.ts'
import { probes } from './operations/probes.ts'
import { plainRoutes } from './sse/plain-routes.ts'
import {
  changesFromOwnPages,
  knownHosts,
  readableFrom,
  securityHeaders,
} from './http/checks/security.ts'
import type { Services } from './services.ts'
import { staticFiles, type StaticFiles } from './http/static-files.ts'

/** @param files - the built dashboard; without it `GET /` is 404 */
export function createApp(services: Services, files: StaticFiles): Koa {
  const { config, log } = services
  const app = new Koa({ proxy: config.TRUST_PROXY, maxIpsCount: 1 })
  app.on('error', (error: unknown, ctx?: Koa.Context) => {
    // Not `ctx.path`, which parses the request target and throws for an invalid one.
    const path = ctx?.originalUrl.replace(/\?.*$/s, '')
    log[isPeerFault(error) ? 'debug' : 'error']({ err: error, path }, 'request failed')
  })

  app.use(problems())
  app.use(securityHeaders())
  app.use(knownHosts(config.ALLOWED_HOSTS, config.HOST))
  app.use(readableFrom(config.CORS_ORIGINS))
  app.use(changesFromOwnPages(config.CORS_ORIGINS))

  // All methods that Node can parse, so that an unsupported one gets 405 with Allow instead of 501.
  const router = new Router({ methods: METHODS })
  if (services.faults !== undefined) demoFaultRoutes(router, services.faults)
  plainRoutes(router, services)
  eventsRoute(router, services)
  for (const { served } of services.streams) served.routes?.(router, services)
  probes(router, services)
  app.use(router.routes())
  app.use(router.allowedMethods())

  app.use(staticFiles(files))
  return app
}
