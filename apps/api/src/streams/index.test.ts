import { catalog } from '@downlink/protocol/streams'
import { expect, test } from 'vitest'
import { startApi } from '../../test/api.ts'
import { streams } from './index.ts'

test('the table has a row for every stream of the catalog, and no other', () => {
  const topics = (contracts: readonly { readonly topic: string }[]) =>
    contracts.map(({ topic }) => topic).sort()
  expect(topics(streams.map(({ contract }) => contract))).toEqual(topics(catalog.streams))
})

test('no two rows have the same path, setting or gauge', async () => {
  const { server } = await startApi()
  const columns = [
    streams.map(({ path }) => path),
    streams.flatMap(({ settings = {} }) => Object.keys(settings)),
    server.services.streams.flatMap(({ served }) => served.gauges ?? []).map(({ name }) => name),
  ]
  for (const names of columns) expect(names).toEqual([...new Set(names)])
})

test.each(streams.map((entry) => [entry.contract.topic, entry] as const))(
  '%s has a plain stream, a topic on /events, and a description in OpenAPI',
  async (topic, { contract, path, idsFrom }) => {
    const { open, send, clock, runs } = await startApi()
    const plain = await open(path)
    await expect.poll(() => clock.pendingTimers).toBeGreaterThan(0)
    await clock.advance(2_000)
    const [event] = await plain.until(1)
    expect(Object.keys(contract.events)).toContain(event?.event)

    const name = idsFrom === undefined ? topic : `${topic}/${runs.list()[0]?.id}`
    const multiplexed = await open(`/events?topic=${name}`)
    const [, first] = await multiplexed.until(2)
    expect(first?.event).toMatch(new RegExp(`^${name}/`))

    const { paths } = JSON.parse((await send('/openapi.json')).body) as {
      paths: Record<string, object>
    }
    expect(paths[path]).toHaveProperty('get')
    expect((await send('/events?topic=none')).body).toContain(topic)
  },
)
