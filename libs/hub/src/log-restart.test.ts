/** A log that starts a new history, or reports a position that goes back. */
import { describe, expect, test } from 'vitest'
import { createSlowLog } from '../test/slow-log.ts'
import { setUp, settle } from '../test/set-up.ts'
import { note } from '../test/streams.ts'
import { createMemoryLog } from './log/memory-log.ts'

describe('a log restart', () => {
  test('sends a hello with a gap on open streams', async () => {
    let epochs = 0
    const log = createSlowLog(
      () => 1,
      () => createMemoryLog({ epoch: `e${++epochs}` }),
    )
    const { hub, clock, open } = setUp({ log })
    await settle()
    const { sink } = await open({ topics: [{ stream: note }], format: 'multiplexed' })
    await hub.publish(note, 'message', 'one')
    await settle()
    clock.tick()
    log.restart()
    await settle()
    await hub.publish(note, 'message', 'two')
    await settle()
    clock.tick()
    expect(sink.events().map(({ event, id }) => [event, id])).toEqual([
      ['downlink.hello', 'e1-0'],
      ['note/message', 'e1-1'],
      ['downlink.hello', 'e2-0'],
      ['note/message', 'e2-1'],
    ])
    expect(sink.events()[2]?.data).toContain('"outcome":"gap","reason":"unknown-epoch"')
  })

  test('discards the queue of a slow subscriber', async () => {
    let epochs = 0
    const log = createSlowLog(
      () => 1,
      () => createMemoryLog({ epoch: `e${++epochs}` }),
    )
    const { hub, clock, open } = setUp({ log })
    await settle()
    const { sink } = await open({ topics: [{ stream: note }], format: 'multiplexed' })
    sink.block()
    for (const data of ['on its way', 'still waiting']) {
      await hub.publish(note, 'message', data)
      await settle()
      clock.tick()
    }
    log.restart()
    await settle()
    sink.unblock()
    await settle()
    expect(sink.events().map(({ id }) => id)).toEqual(['e1-0', 'e1-1', 'e2-0'])
  })

  test('in the same epoch sends the new event of a seq that is used again', async () => {
    const log = createSlowLog(
      () => 1,
      () => createMemoryLog({ epoch: 'e' }),
    )
    const { hub, clock, open } = setUp({ log })
    await settle()
    const { sink } = await open({ topics: [{ stream: note }] })
    for (const data of ['before', 'after']) {
      await hub.publish(note, 'message', data)
      await settle()
      clock.tick()
      log.restart()
      await settle()
    }
    expect(sink.events().map(({ id, data }) => [id, data])).toEqual([
      ['e-1', 'before'],
      ['e-1', 'after'],
    ])
  })
})
