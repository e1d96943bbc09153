/**
 * Security headers, and checks of hosts and origins, for every request. None of these middlewares is an async function,
 * because its frame would be kept for as long as a stream lasts.
 */
import cors from '@koa/cors'
import helmet from 'helmet'
import type { Context, Middleware } from 'koa'
import { Problem } from '../problem.ts'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])
/** Values of Sec-Fetch-Site. `none` is an address that a user typed, `same-origin` a page of this server. */
const FOREIGN_SITES = new Set(['cross-site', 'same-site'])
const EVERY_ADDRESS = new Set(['0.0.0.0', '::'])
const PREFLIGHT_MAX_AGE_S = 600

/** Allows scripts, styles and connections of this server only, nothing inline, and no framing by other pages. */
export function securityHeaders(): Middleware {
  const set = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // The style sheet contains small icons as data: URLs.
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Other origins may read streams by design. CORS decides which ones.
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    // The TLS terminator sets HSTS.
    strictTransportSecurity: false,
  })
  return (ctx, next) => {
    set(ctx.req, ctx.res, () => undefined)
    return next()
  }
}

/** Orchestrators, load balancers and Prometheus use IP addresses as host. The responses contain nothing private. */
const PROBES = new Set(['/livez', '/readyz', '/metrics'])

/**
 * Rejects requests for a host that is not listed, because another site can point its own name at this address (DNS
 * rebinding).
 * @param allowed - lower case, without port; `*.example.org` allows every subdomain of example.org
 */
export function knownHosts(allowed: readonly string[], ownAddress: string): Middleware {
  const names = new Set(allowed)
  const suffixes = allowed.filter((name) => name.startsWith('*')).map((name) => name.slice(1))
  // Browsers connect to 0.0.0.0 and :: for pages of any site, so these two are not accepted as names.
  if (!EVERY_ADDRESS.has(ownAddress)) names.add(nameOf(ownAddress))
  return (ctx, next) => {
    if (PROBES.has(ctx.originalUrl.replace(/\?.*$/, ''))) return next()
    const asked = hostsOf(ctx)
    if (asked.length === 0) throw new Problem(400, 'Send one Host header.')
    if (!asked.every(isKnown))
      throw new Problem(421, 'Unknown host name. Add it to ALLOWED_HOSTS if requests may use it.')
    return next()
  }

  function isKnown(host: string): boolean {
    const name = host.toLowerCase().replace(/:\d*$/, '')
    return (
      names.has(name) ||
      suffixes.some((suffix) => name.endsWith(suffix) && name.length > suffix.length)
    )
  }
}

/** Lets pages of the listed origins, compared exactly, read responses to GET. Every response has `Vary: Origin`. */
export function readableFrom(origins: readonly string[]): Middleware {
  const allowed = new Set(origins)
  return cors({
    origin: (ctx: Context) =>
      allowed.has(ctx.get('Origin')) && isReading(ctx) ? ctx.get('Origin') : '',
    allowMethods: ['GET', 'HEAD'],
    allowHeaders: ['Last-Event-ID', 'Cache-Control'],
    exposeHeaders: ['Downlink-Refused', 'Retry-After'],
    maxAge: PREFLIGHT_MAX_AGE_S,
  })
}

/** Refuses requests that change something (any method except GET, HEAD and OPTIONS) from pages of other sites. */
export function changesFromOwnPages(origins: readonly string[]): Middleware {
  const listed = new Set(origins)
  return (ctx, next) => {
    if (!SAFE_METHODS.has(ctx.method)) refuseForeign(ctx, listed)
    return next()
  }
}

/**
 * Refuses a request that starts work if a page of another site sends it. Without CORS that page cannot read the
 * response, but the work would be done. A `no-cors` request has no Origin header, so Sec-Fetch-Site decides. A request
 * with neither header does not come from a browser and is accepted.
 */
export function fromOwnPages(origins: readonly string[]): Middleware {
  const listed = new Set(origins)
  return (ctx, next) => {
    refuseForeign(ctx, listed)
    return next()
  }
}

function refuseForeign(ctx: Context, listed: ReadonlySet<string>): void {
  if (isForeign(ctx, listed))
    throw new Problem(
      403,
      'This request starts work or changes something. Only pages of this server and of origins in CORS_ORIGINS may send it.',
    )
}

function isForeign(ctx: Context, listed: ReadonlySet<string>): boolean {
  const from = ctx.get('Origin')
  if (listed.has(from)) return false
  // The TLS terminator may be a proxy, so our own pages are recognized by host and port.
  const isOwn = from === `http://${ctx.host}` || from === `https://${ctx.host}`
  return (from !== '' && !isOwn) || FOREIGN_SITES.has(ctx.get('Sec-Fetch-Site'))
}

/** The host names in a request: its Host header, and the host of its target if that is an absolute URL. */
function hostsOf(ctx: Context): readonly string[] {
  const [host, ...more] = valuesOf(ctx, 'host')
  // Of several Host headers Node uses the first, and a proxy may have used another one.
  if (host === undefined || host === '' || more.length > 0) return []
  return URL.canParse(ctx.originalUrl) ? [host, new URL(ctx.originalUrl).host] : [host]
}

/** All values of a header. Not `headersDistinct`, which would be kept for as long as a stream lasts. */
function valuesOf({ req: { rawHeaders } }: Context, name: string): readonly string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name)
}

/** An address in the form of a Host header. */
function nameOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address.toLowerCase()
}

/** Allows a preflight only for a method that CORS allows. */
function isReading(ctx: Context): boolean {
  const wanted = ctx.get('Access-Control-Request-Method')
  return ctx.method !== 'OPTIONS' || wanted === 'GET' || wanted === 'HEAD'
}
