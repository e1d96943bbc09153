import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { systemStats, time } from '@downlink/protocol/streams'
import Koa from 'koa'
import { expect, onTestFinished, test } from 'vitest'
import { startApi } from '../../test/api.ts'
import { serveStream } from './event-stream.ts'

test('a stream whose `onOpen` throws ends and leaves nothing open', async () => {
  const { services } = (await startApi()).server
  const failure = new Error('onOpen failed')
  const errors: unknown[] = []
  let left = 0
  const app = new Koa()
  app.on('error', (error) => void errors.push(error))
  app.use((ctx) =>
    serveStream(ctx, services, 'multiplexed', () => ({
      topics: [
        { request: { stream: time }, onOpen: () => () => void (left += 1) },
        {
          request: { stream: systemStats },
          onOpen() {
            throw failure
          },
        },
      ],
      lastEventId: undefined,
    })),
  )
  const server = app.listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/`)
  expect(await response.text()).toContain(': open\n\n')
  await expect.poll(() => services.hub.counters().subscribers).toBe(0)
  expect(services.admission.open).toBe(0)
  expect(errors).toEqual([failure])
  expect(left).toBe(1)
})
