import { encodeEvent } from '@downlink/protocol/sse'
import { readFileSync, readdirSync } from 'node:fs'
import { URL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createPrivateLink } from '../examples/fresh-headers.ts'
import { listen } from '../examples/from-event-source.ts'
import { ask } from '../examples/from-fetch-event-source.ts'
import { firstPrices } from '../examples/node.ts'
import { prices } from '../examples/prices.ts'
import { watch } from '../examples/quick-start.ts'
import { startStreamServer, type StreamServer, type Visit } from '../test/stream-server.ts'

const examples = new URL('../examples/', import.meta.url)
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

let server: StreamServer

beforeEach(async () => {
  server = await startStreamServer()
})
afterEach(() => server.close())

function tick(visit: Visit, id: number, price: number): void {
  const data = JSON.stringify({ symbol: 'ABC', price })
  visit.write(encodeEvent({ event: 'prices/tick', data, id: `e-${id}` }))
}

test('the README shows the code of the examples, which are compiled', () => {
  const blocks = readme.matchAll(/^```tsx?\n\/\/ examples\/(.+)\n([^]*?)^```$/gm)
  const shown = new Map([...blocks].map(([, name, code]) => [name, code]))
  const files = readdirSync(examples)
  for (const name of files) {
    expect(shown.get(name)).toBe(readFileSync(new URL(name, examples), 'utf8'))
  }
  expect(readme.match(/^```tsx?$/gm)).toHaveLength(files.length)
})

describe('the example', () => {
  test('quick-start shows prices and skipped events', async () => {
    const shown: string[] = []
    const three = new Promise<void>((resolve) => {
      const stop = watch(server.url, (text) => {
        if (shown.push(text) < 3) return
        stop()
        resolve()
      })
    })
    const visit = await server.visit()
    visit.open()
    tick(visit, 1, 10)
    visit.write(encodeEvent({ event: 'prices/tick', data: '{"symbol":"ABC"}', id: 'e-2' }))
    tick(visit, 3, 11)
    await three
    await visit.closed
    expect(shown[0]).toBe('ABC 10')
    expect(shown[1]).toMatch(/^Skipped: price /)
    expect(shown[2]).toBe('ABC 11')
  })

  test('fresh-headers requests a new token after 401', async () => {
    const asked: boolean[] = []
    const link = createPrivateLink(server.url, ({ renew }) => {
      asked.push(renew)
      return Promise.resolve(renew ? 'new' : 'old')
    })
    link.subscribe(prices, { onEvent: () => undefined })
    ;(await server.visit()).response.writeHead(401).end()
    const second = await server.visit()
    link.close()
    expect(second.request.headers.authorization).toBe('Bearer new')
    expect(asked).toEqual([false, true])
  })

  test('node reads until it has enough prices', async () => {
    const reading = firstPrices(server.url, 2)
    const visit = await server.visit()
    visit.open()
    for (const id of [1, 2, 3]) tick(visit, id, id * 10)
    expect(await reading).toEqual([10, 20])
    await visit.closed
  })

  test('from-event-source sends its header', async () => {
    let stop = (): void => undefined
    const heard = new Promise((resolve) => {
      stop = listen(server.url, 'secret', resolve)
    })
    const visit = await server.visit()
    visit.open().write('event: tick\ndata: 5\n\n')
    expect(await heard).toBe('5')
    expect(visit.request.headers.authorization).toBe('Bearer secret')
    stop()
    await visit.closed
  })

  test('from-fetch-event-source posts a question and reads the answer to its end', async () => {
    const asking = ask(server.url, 'why?', new AbortController().signal)
    const visit = await server.visit()
    expect(visit.request.method).toBe('POST')
    expect(await visit.body()).toBe('{"question":"why?"}')
    visit.open().write('data: be\n\ndata: cause\n\nevent: done\ndata\n\n')
    expect(await asking).toBe('because')
    await visit.closed
  })

  test.each(['end', 'cut'] as const)(
    'from-fetch-event-source throws on %s in the middle of the answer, and sends one request',
    async (how) => {
      const asking = ask(server.url, 'why?', new AbortController().signal)
      const visit = await server.visit()
      visit.open().write('data: be\n\n')
      visit[how]()
      const code = how === 'end' ? 'incomplete' : 'interrupted'
      await expect(asking).rejects.toMatchObject({ name: 'LinkError', code })
      expect(server.visits).toHaveLength(1)
    },
  )

  test('from-fetch-event-source throws when the server refuses', async () => {
    const asking = ask(server.url, 'why?', new AbortController().signal)
    ;(await server.visit()).response.writeHead(422).end('no')
    await expect(asking).rejects.toMatchObject({ status: 422, bodyExcerpt: 'no' })
  })
})
