/** Many real connections at once, with exact counts. `npm run soak -- hub` runs the same at full size. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { churn } from '../../../../tools/load/churn.ts'
import { openWatch } from '../../../../tools/load/watch.ts'
import { openLoad, stampedData, type LoadOptions } from '../../../../tools/load/load.ts'
import { portOf, serve } from '../../test/server.ts'
import { note } from '../../test/streams.ts'
import { createHub } from '../hub.ts'
import { createNodeSink } from './node-sink.ts'

async function setUp() {
  const hub = createHub()
  const server = await serve((res) => {
    hub.subscribe({ sink: createNodeSink(res), topics: [{ stream: note }] })
  })
  return { hub, server, open }

  function open(options: Pick<LoadOptions, 'connections' | 'stalled'>) {
    const load = openLoad({ port: portOf(server), path: '/', readEvery: 1, ...options })
    onTestFinished(() => load.close())
    return load
  }
}

describe('many connections', () => {
  test('receive every event in order', async () => {
    const { hub, open } = await setUp()
    const load = open({ connections: 300 })
    await load.opened
    for (let i = 0; i < 50; i++) {
      await hub.publish(note, 'message', stampedData(i, 200))
      if (i % 5 === 0) await new Promise(setImmediate)
    }
    const report = await load.counted(300 * 50, 10_000)
    expect(report).toMatchObject({ events: 300 * 50, outOfOrder: 0, open: 300, closed: 0 })
    expect(hub.counters()).toMatchObject({ deliveries: 300 * 50, dropped: 0, queuedBytes: 0 })
    expect(hub.counters().writes).toBeLessThan(300 * 50)
  })

  test('receive the same events with increasing ids, as another decoder reads them', async () => {
    const { hub, server } = await setUp()
    const watch = openWatch({ url: `http://127.0.0.1:${portOf(server)}/`, connections: 50 })
    onTestFinished(() => watch.close())
    await watch.opened
    for (let i = 0; i < 20; i++) {
      await hub.publish(note, 'message', `${i}`)
      if (i % 3 === 0) await new Promise(setImmediate)
    }
    await expect.poll(() => watch.report().events).toBe(50 * 20)
    expect(watch.report()).toMatchObject({ open: 50, closed: 0, outOfOrder: 0 })
  })

  test('that never read are disconnected, and another client receives every event', async () => {
    const { hub, open } = await setUp()
    const stalled = open({ connections: 10, stalled: true })
    const healthy = open({ connections: 1 })
    await Promise.all([stalled.opened, healthy.opened])
    await expect.poll(() => hub.subscriberCount(note)).toBe(11)
    let events = 0
    while (hub.counters().left['too-slow'] < 10) {
      await hub.publish(note, 'message', stampedData(events++, 60_000))
      await healthy.counted(events, 10_000)
    }
    expect(healthy.report()).toMatchObject({ events, outOfOrder: 0, open: 1 })
    expect(hub.counters()).toMatchObject({ subscribers: 1, queuedBytes: 0 })
  })

  test('that connect and disconnect leave no state behind', async () => {
    const { hub, server } = await setUp()
    const opened = await churn({ port: portOf(server), path: '/', perSecond: 1_000, seconds: 1 })
    expect(opened).toBe(1_000)
    await expect.poll(() => hub.counters().left.client).toBe(1_000)
    expect(hub.counters().subscribers).toBe(0)
    expect(hub.subscriberCount(note)).toBe(0)
    const connections = await new Promise<number>((resolve) => {
      server.getConnections((_, count) => resolve(count))
    })
    expect(connections).toBe(0)
  })
})
