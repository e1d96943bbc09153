/** The README's examples are the files in `examples/`, and they work as described. */
import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openRaw, portOf } from '../test/server.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const GET = 'GET / HTTP/1.1\r\nHost: test\r\n\r\n'

test.each(['clock', 'dashboard'])('the README contains examples/%s.ts unchanged', (name) => {
  const example = readFileSync(new URL(`../examples/${name}.ts`, import.meta.url), 'utf8')
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``)
})

test('the clock example sends the time immediately', async () => {
  vi.stubEnv('PORT', '0')
  const { hub, server } = await import('../examples/clock.ts')
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    await hub.close()
    await new Promise((resolve) => server.close(resolve))
  })
  const text = await openRaw(portOf(server), GET).until('data: ')
  expect(text).toMatch(/id: \w+-1\ndata: The time is \d\d:\d\d:\d\d\n\n/)
})

test('the dashboard example sends the latest prices and the whole run, and ends its streams on shutdown', async () => {
  vi.stubEnv('PORT', '0')
  const { hub, server, run, log, shutDown } = await import('../examples/dashboard.ts')
  const { stocks } = await import('@downlink/protocol/streams')
  onTestFinished(() => void vi.unstubAllEnvs())
  const step = { epoch: 1, total_epochs: 10, progress_percent: 1, loss: 1.09 }
  await hub.publish(stocks, 'AAPL', { symbol: 'AAPL', price: 150, change: 0 })
  await hub.publish(stocks, 'AAPL', { symbol: 'AAPL', price: 151, change: 1 })
  await hub.publish(run, 'progress', step)
  await hub.publish(run, 'progress', { ...step, progress_percent: 2 })

  const client = openRaw(portOf(server), GET)
  const text = await client.until('"progress_percent":2')
  expect([...text.matchAll(/event: (.*)/g)].map(([, event]) => event)).toEqual([
    'downlink.hello',
    'stocks/AAPL',
    'training/run-1/progress',
    'training/run-1/progress',
  ])
  void shutDown()
  void hub.publish(run, 'complete', 'Training complete!')
  client.socket.destroy()
  await hub.close()
  expect(log[0]).toMatch(/^left: \w+ after \d+ events, \d+ bytes$/)
})
