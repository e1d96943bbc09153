/** The built dashboard as files: an ETag on each, a year's caching where the name holds a hash, nothing outside. */
import { realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { send } from '@koa/send'
import type { Middleware } from 'koa'
import { Problem } from './problem.ts'

const INDEX = 'index.html'
/** Vite's folder for files that carry a hash of their content in the name. */
const HASHED = '/assets/'

/**
 * Serves `folder` under `/`. A path that is no file there is left to what follows, which answers 404.
 * ETags and 304 come from the middleware around it (`@koa/etag`, `koa-conditional-get`).
 */
export function staticFiles(folder: string): Middleware {
  return async (ctx, next) => {
    const path = ctx.path === '/' ? `/${INDEX}` : ctx.path
    if (!(await isFileInside(folder, decode(path)))) {
      if (ctx.path === '/')
        throw new Problem(
          404,
          'The dashboard is not built: npx nx build web, or use its own server.',
        )
      await next()
      return
    }
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD')
      throw new Problem(405, 'Files can only be read.', { Allow: 'GET, HEAD' })
    ctx.set(
      'Cache-Control',
      path.startsWith(HASHED) ? 'public, max-age=31536000, immutable' : 'no-cache',
    )
    await send(ctx, path, { root: folder, format: false })
  }
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new Problem(400, 'The path is not well-formed percent-encoding.')
  }
}

/** The library refuses `..` and dot files itself; what it does not see is a symbolic link that leads outside. */
async function isFileInside(folder: string, path: string): Promise<boolean> {
  if (path.includes('\0') || path.split(/[\\/]/).some((part) => part.startsWith('.'))) return false
  try {
    const [root, file] = await Promise.all([realpath(folder), realpath(join(folder, path))])
    return file.startsWith(root + sep) && (await stat(file)).isFile()
  } catch {
    return false
  }
}
