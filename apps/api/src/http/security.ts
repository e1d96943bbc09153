/**
 * What every answer carries and every request must pass: security headers, known hosts, exact origins. None of these is
 * an async function: its frame would be kept for as long as a stream lasts.
 */
import cors from '@koa/cors'
import helmet from 'helmet'
import type { Context, Middleware } from 'koa'
import { Problem } from './problem.ts'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])
/** `none` is a typed address, `same-origin` a page of this server. */
const FOREIGN_SITES = new Set(['cross-site', 'same-site'])
const EVERY_ADDRESS = new Set(['0.0.0.0', '::'])
const PREFLIGHT_MAX_AGE_S = 600

/** Scripts, styles and connections from this server alone, nothing inline, and no framing by other pages. */
export function securityHeaders(): Middleware {
  const set = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // Small icons are built into the style sheet as data: addresses.
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Streams are read from other origins by design; which ones, CORS decides.
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    // Promising TLS is for whoever terminates it.
    strictTransportSecurity: false,
  })
  return (ctx, next) => {
    set(ctx.req, ctx.res, () => undefined)
    return next()
  }
}

/** Orchestrators, load balancers and Prometheus ask these by IP address; the answers contain nothing private. */
const PROBES = new Set(['/livez', '/readyz', '/metrics'])

/**
 * Rejects requests for a host that is not listed: a page elsewhere may have pointed its own name at this address.
 * @param allowed - lower case, without port; `*.example.org` allows every subdomain of example.org
 */
export function knownHosts(allowed: readonly string[], ownAddress: string): Middleware {
  const names = new Set(allowed)
  const suffixes = allowed.filter((name) => name.startsWith('*')).map((name) => name.slice(1))
  // 0.0.0.0 and :: are no names: a browser that is led there may be led by anybody.
  if (!EVERY_ADDRESS.has(ownAddress)) names.add(nameOf(ownAddress))
  return (ctx, next) => {
    if (PROBES.has(ctx.originalUrl.replace(/\?.*$/, ''))) return next()
    const asked = hostsOf(ctx)
    if (asked.length === 0) throw new Problem(400, 'Send one Host header.')
    if (!asked.every(isKnown))
      throw new Problem(421, 'This server does not answer to that host name: see ALLOWED_HOSTS.')
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

/** GET for the listed origins, compared exactly, and for nobody else; `Vary: Origin` on every answer. */
export function readableFrom(origins: readonly string[]): Middleware {
  const allowed = new Set(origins)
  return cors({
    origin: (ctx: Context) =>
      allowed.has(ctx.get('Origin')) && mayFollow(ctx) ? ctx.get('Origin') : '',
    allowMethods: ['GET', 'HEAD'],
    allowHeaders: ['Last-Event-ID', 'Cache-Control'],
    exposeHeaders: ['Downlink-Refused', 'Retry-After'],
    maxAge: PREFLIGHT_MAX_AGE_S,
  })
}

/** Refuses changes that a page of another site asks for: every method but GET, HEAD and OPTIONS. */
export function changesFromOwnPages(origins: readonly string[]): Middleware {
  const listed = new Set(origins)
  return (ctx, next) => {
    if (!SAFE_METHODS.has(ctx.method)) refuseForeign(ctx, listed)
    return next()
  }
}

/**
 * Refuses a request that starts work when a page of another site sends it. Without CORS that page cannot read the
 * answer, but the work would be done. A `no-cors` request has no Origin header, so Sec-Fetch-Site decides there.
 * A request with neither header comes from no browser and is accepted.
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

/** What the request calls this server: its Host header, and the host in its target where that is an absolute URL. */
function hostsOf(ctx: Context): readonly string[] {
  const [host, ...more] = valuesOf(ctx, 'host')
  // Node goes by the first of several; a proxy before it may have gone by another.
  if (host === undefined || host === '' || more.length > 0) return []
  return URL.canParse(ctx.originalUrl) ? [host, new URL(ctx.originalUrl).host] : [host]
}

/** Every value of a header, read where Node keeps them anyway: `headersDistinct` would stay as long as a stream. */
function valuesOf({ req: { rawHeaders } }: Context, name: string): readonly string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name)
}

/** An address as it stands in a Host header. */
function nameOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address.toLowerCase()
}

/** A preflight is answered only for a request that would be let through. */
function mayFollow(ctx: Context): boolean {
  const wanted = ctx.get('Access-Control-Request-Method')
  return ctx.method !== 'OPTIONS' || wanted === 'GET' || wanted === 'HEAD'
}
