import { expect, test } from 'vitest'
import { startApi } from '../../test/api.ts'

const paths = [
  '/stream-time',
  '/system-stats',
  '/stream-training',
  '/stream-stocks',
  '/events',
  '/time',
]

test.each(paths)('an unsupported method on %s gets 405 with Allow', async (path) => {
  const { send, clock } = await startApi()
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE']) {
    const answer = await send(path, { method })
    expect(answer.status).toBe(405)
    expect(answer.headers.allow?.split(', ').sort()).toEqual(['GET', 'HEAD'])
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(JSON.parse(answer.body)).toMatchObject({ title: 'Method Not Allowed', status: 405 })
  }
  expect(clock.pendingTimers).toBe(0)
})

test('ignores a method override in a header', async () => {
  const { send, runs } = await startApi()
  const headers = { 'X-HTTP-Method-Override': 'POST' }
  expect((await send('/training-runs', { headers })).status).toBe(200)
  expect(runs.list()).toEqual([])
})

test('an unknown path gets 404 as a problem document that does not contain the path', async () => {
  const { send } = await startApi()
  for (const method of ['GET', 'POST', 'DELETE']) {
    const answer = await send('/<script>alert(1)</script>', { method })
    expect(answer.status).toBe(404)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.body).not.toContain('script')
  }
})

test('HEAD of an unknown path gets 404 without a body', async () => {
  const { send } = await startApi()
  expect(await send('/nothing', { method: 'HEAD' })).toMatchObject({ status: 404, body: '' })
})

test('an unexpected error gets 500 without its message, which is logged', async () => {
  const { send, logged, runs } = await startApi()
  Object.assign(runs, {
    list() {
      throw new Error('the password is swordfish')
    },
  })
  const answer = await send('/training-runs')
  expect(answer.status).toBe(500)
  expect(JSON.parse(answer.body)).toEqual({ title: 'Internal Server Error', status: 500 })
  expect(JSON.stringify(logged)).toContain('swordfish')
})

test.each([
  ['shown and not logged', true],
  ['logged and not shown', false],
])('the message of an error that has a status is %s if `expose` is %s', async (_, expose) => {
  const { send, logged, runs } = await startApi()
  Object.assign(runs, {
    list() {
      throw Object.assign(new Error('the disk is full'), { status: 503, expose })
    },
  })
  const answer = await send('/training-runs')
  expect(answer.status).toBe(503)
  expect(answer.body.includes('the disk is full')).toBe(expose)
  expect(JSON.stringify(logged).includes('the disk is full')).toBe(!expose)
})
