/** Serves the built dashboard from memory: a request needs no file descriptor, and each file is compressed once. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Context, Middleware } from 'koa'
import { StartError } from '../errors.ts'
import { Problem } from './problem.ts'

const INDEX = '/index.html'
/** Vite's folder for files with a content hash in their name. */
const HASHED = '/assets/'
const MAX_TOTAL_BYTES = 64 * 2 ** 20
const COMPRESSIBLE = /^\.(html|js|css|svg|json|txt|map|webmanifest)$/
/** Fast enough for every start; files are at most about as large as with gzip's highest level. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }

interface Variant {
  readonly bytes: Buffer
  /** Strong, and different for each encoding (RFC 9110, section 8.8.3.3). */
  readonly etag: string
}

interface File {
  readonly identity: Variant
  /** In order of preference. */
  readonly encoded: ReadonlyMap<'br' | 'gzip', Variant>
}

/** By URL path, such as `/assets/index-3f2a.js`. */
export type StaticFiles = ReadonlyMap<string, File>

/**
 * Reads the regular files of `folder`, without hidden files and symbolic links; a folder that does not exist is empty.
 * @throws StartError `cannot-read` for a file that cannot be read, or more than 64 MiB
 */
export async function loadFiles(folder: string): Promise<StaticFiles> {
  const files = new Map<string, File>()
  let totalBytes = 0
  await load('/')
  return files

  async function load(path: string): Promise<void> {
    const entries = await readdir(join(folder, path), { withFileTypes: true }).catch(unreadable)
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue
      const child = `${path}${entry.name}`
      if (entry.isDirectory()) await load(`${child}/`)
      if (!entry.isFile()) continue
      const bytes = await readFile(join(folder, child)).catch(unreadable)
      totalBytes += bytes.length
      if (totalBytes > MAX_TOTAL_BYTES)
        throw new StartError(
          'cannot-read',
          'dashboard',
          `The dashboard in ${folder} is larger than ${MAX_TOTAL_BYTES} bytes. Remove files that are not part of it.`,
        )
      files.set(child, await compress(child, Buffer.from(bytes)))
    }
  }

  function unreadable(error: NodeJS.ErrnoException): never[] {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw new StartError(
      'cannot-read',
      'dashboard',
      `Cannot read the dashboard (${error.message}). Give this user read permission.`,
    )
  }
}

async function compress(path: string, bytes: Buffer): Promise<File> {
  const hash = createHash('sha256').update(bytes).digest('base64url')
  const encoded = new Map<'br' | 'gzip', Variant>()
  if (COMPRESSIBLE.test(extname(path))) {
    const [br, gz] = await Promise.all([
      promisify<Buffer, typeof BROTLI, Buffer>(brotliCompress)(bytes, BROTLI),
      promisify<Buffer, Buffer>(gzip)(bytes),
    ])
    if (br.length < bytes.length) encoded.set('br', { bytes: br, etag: `"${hash}-br"` })
    if (gz.length < bytes.length) encoded.set('gzip', { bytes: gz, etag: `"${hash}-gzip"` })
  }
  return { identity: { bytes, etag: `"${hash}"` }, encoded }
}

/** Serves the files under `/`. Other paths are passed on. */
export function staticFiles(files: StaticFiles): Middleware {
  return async (ctx, next) => {
    const path = ctx.path === '/' ? INDEX : decode(ctx.path)
    const file = files.get(path)
    if (file === undefined) {
      if (ctx.path === '/')
        throw new Problem(
          404,
          'The dashboard is not built. Run npx nx build web, or use its development server.',
        )
      await next()
      return
    }
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD')
      throw new Problem(405, 'Files are read-only. Use GET or HEAD.', { Allow: 'GET, HEAD' })
    ctx.set(
      'Cache-Control',
      path.startsWith(HASHED) ? 'public, max-age=31536000, immutable' : 'no-cache',
    )
    send(ctx, path, file)
  }
}

function send(ctx: Context, path: string, { identity, encoded }: File): void {
  if (encoded.size > 0) ctx.vary('Accept-Encoding')
  const encoding = ctx.acceptsEncodings(...encoded.keys(), 'identity')
  const variant = encoding === 'br' || encoding === 'gzip' ? encoded.get(encoding) : undefined
  const { bytes, etag } = variant ?? identity
  ctx.status = 200
  ctx.etag = etag
  if (ctx.fresh) {
    ctx.status = 304
    return
  }
  if (variant !== undefined) ctx.set('Content-Encoding', String(encoding))
  ctx.body = bytes
  ctx.type = extname(path)
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new Problem(400, 'Malformed percent-encoding in the path.')
  }
}
