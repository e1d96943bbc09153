import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { request, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { startApi } from '../../test/api.ts'

async function startWithDashboard() {
  const folder = await mkdtemp(join(tmpdir(), 'downlink-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const webFolder = join(folder, 'dist')
  await mkdir(join(webFolder, 'assets'), { recursive: true })
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await writeFile(join(webFolder, 'index.html'), '<!doctype html><title>Downlink</title>')
  await writeFile(join(webFolder, '.env'), 'secret')
  await writeFile(join(webFolder, 'assets', 'index-3f2a.js'), 'export {}\n'.repeat(100))
  await symlink(join(folder, 'secret.txt'), join(webFolder, 'assets', 'link.txt'))
  return { ...(await startApi({}, { webFolder })), folder }
}

test('GET / returns the dashboard with an ETag and must be revalidated', async () => {
  const { send } = await startWithDashboard()
  const page = await send('/')
  expect(page).toMatchObject({ status: 200, body: '<!doctype html><title>Downlink</title>' })
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(page.headers['cache-control']).toBe('no-cache')
  const etag = page.headers.etag ?? ''
  expect(etag).not.toBe('')
  const again = await send('/', { headers: { 'If-None-Match': etag } })
  expect(again).toMatchObject({ status: 304, body: '' })
})

test('files with a content hash in their name may be cached for a year', async () => {
  const { send } = await startWithDashboard()
  const { status, headers } = await send('/assets/index-3f2a.js')
  expect(status).toBe(200)
  expect(headers['content-type']).toContain('javascript')
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
})

test.each([
  ['br', brotliDecompressSync],
  ['gzip', gunzipSync],
] as const)('a file is sent as %s to a client that accepts it', async (encoding, decompress) => {
  const { url } = await startWithDashboard()
  const get = (headers: Record<string, string>, method = 'GET') =>
    new Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>((resolve, reject) =>
      request(`${url}/assets/index-3f2a.js`, { method, headers, agent: false }, (res) => {
        void buffer(res).then((body) =>
          resolve({ status: res.statusCode ?? 0, headers: res.headers, body }),
        )
      })
        .on('error', reject)
        .end(),
    )
  const plain = await get({})
  const encoded = await get({ 'Accept-Encoding': encoding })
  expect(encoded.headers['content-encoding']).toBe(encoding)
  expect(encoded.body.length).toBeLessThan(plain.body.length)
  expect(decompress(encoded.body)).toEqual(plain.body)
  for (const { headers } of [plain, encoded]) expect(headers.vary).toContain('Accept-Encoding')
  expect(plain.headers['content-encoding']).toBeUndefined()
  expect(encoded.headers.etag).not.toBe(plain.headers.etag)

  const head = await get({ 'Accept-Encoding': encoding }, 'HEAD')
  expect(head).toMatchObject({ status: 200, body: Buffer.alloc(0) })
  expect(head.headers['content-length']).toBe(String(encoded.body.length))
  const again = await get({
    'Accept-Encoding': encoding,
    'If-None-Match': encoded.headers.etag ?? '',
  })
  expect(again).toMatchObject({ status: 304, body: Buffer.alloc(0) })
  expect(again.headers.vary).toContain('Accept-Encoding')
})

test('serves files from memory after they have been removed', async () => {
  const { send, folder } = await startWithDashboard()
  await rm(join(folder, 'dist'), { recursive: true })
  expect((await send('/')).status).toBe(200)
})

test('files support HEAD, and other methods get 405', async () => {
  const { send } = await startWithDashboard()
  expect(await send('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
  const answer = await send('/', { method: 'POST' })
  expect(answer.status).toBe(405)
  expect(answer.headers.allow).toBe('GET, HEAD')
})

test.each([
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/..%5csecret.txt',
  '/..%2f..%2f..%2f..%2f..%2fetc/passwd',
  '//etc/passwd',
  '/%2fetc%2fpasswd',
  '/index.html%00.js',
  '/.env',
  '/assets/link.txt',
  '/assets/',
  '/assets',
])('%s gets 404', async (path) => {
  const { send } = await startWithDashboard()
  const answer = await send(path)
  expect(answer.status).toBe(404)
  expect(answer.body).not.toContain('secret')
})

test('malformed percent-encoding gets 400', async () => {
  const { send } = await startWithDashboard()
  expect((await send('/%E0%A4')).status).toBe(400)
})

test('the API works without a built dashboard', async () => {
  const { send } = await startApi({}, { webFolder: '/nonexistent' })
  const page = await send('/')
  expect(page.status).toBe(404)
  expect(JSON.parse(page.body)).toMatchObject({
    detail: expect.stringContaining('npx nx build web') as string,
  })
  expect((await send('/livez')).status).toBe(200)
})
