import { expect, test } from 'vitest'
import { openRaw, portOf, serve } from '../../test/server.ts'
import { serializeRequests } from './pipelining.ts'

test('a pipelined request is handled after the listeners of the response before it were called', async () => {
  const steps: string[] = []
  const handle = serializeRequests((req, res) => {
    const { url = '' } = req
    steps.push(`${url} handled`)
    for (const event of ['prefinish', 'finish']) res.on(event, () => steps.push(`${url} ${event}`))
    res.end('answer')
  })
  const server = await serve((res) => {
    handle(res.req, res)
  })
  const paths = ['/1', '/2', '/3']
  const requests = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`)
  openRaw(portOf(server), requests.join(''))
  await expect.poll(() => steps.at(-1)).toBe('/3 finish')
  expect(steps).toEqual(
    paths.flatMap((path) => [`${path} handled`, `${path} prefinish`, `${path} finish`]),
  )
})
