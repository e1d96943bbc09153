import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { setUp, settle } from '../../test/set-up.ts'
import { note } from '../../test/streams.ts'
import type { HubError } from '../errors.ts'
import { createMemoryLog } from '../log/memory-log.ts'
import type { SourceControls } from './sources.ts'

const NOTE = [{ stream: note }]

/** A source that records when it starts and stops. */
function recorder() {
  const log: string[] = []
  let controls: SourceControls<typeof note> | undefined
  return {
    log,
    publish: (data: string) => controls?.publish('message', data),
    source: (given: SourceControls<typeof note>) => {
      controls = given
      log.push('start')
      given.signal.addEventListener('abort', () => log.push('stop'))
    },
  }
}

function spyOnWarn() {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  onTestFinished(() => warn.mockRestore())
  return warn
}

describe('a source', () => {
  test('starts with the first subscriber and stops after the last one', async () => {
    const { hub, open } = setUp()
    const { log, source } = recorder()
    hub.source(note, source)
    expect(log).toEqual([])
    const opened = [await open({ topics: NOTE }), await open({ topics: NOTE })]
    expect(hub.subscriberCount(note)).toBe(2)
    expect(log).toEqual(['start'])
    for (const { sink } of opened) sink.close()
    expect(log).toEqual(['start', 'stop'])
    await open({ topics: NOTE })
    expect(log).toEqual(['start', 'stop', 'start'])
  })

  test('that publishes immediately reaches the subscriber that started it', async () => {
    const { hub, clock, open } = setUp()
    hub.source(note, ({ publish }) => publish('message', 'at once'))
    const { sink } = await open({ topics: NOTE })
    clock.tick()
    expect(sink.events().map(({ data }) => data)).toEqual(['at once'])
  })

  test('added for a topic with a subscriber starts immediately, and stops when it is removed', async () => {
    const { hub, open } = setUp()
    await open({ topics: NOTE })
    const { log, source } = recorder()
    const remove = hub.source(note, source)
    expect(log).toEqual(['start'])
    remove()
    expect(log).toEqual(['start', 'stop'])
  })

  test('publishes nothing after it was stopped', async () => {
    const { hub, open } = setUp()
    const { publish, source } = recorder()
    hub.source(note, source)
    const { sink } = await open({ topics: NOTE })
    publish('heard')
    sink.close()
    publish('not heard')
    expect(hub.counters().events).toBe(1)
  })

  test('continues for `lingerMs` after the last subscriber has left', async () => {
    const { hub, clock, open } = setUp()
    const { log, source } = recorder()
    hub.source(note, source, { lingerMs: 1_000 })
    const first = await open({ topics: NOTE })
    first.sink.close()
    clock.advance(999)
    const second = await open({ topics: NOTE })
    clock.advance(5_000)
    expect(log).toEqual(['start'])
    second.sink.close()
    clock.advance(1_000)
    expect(log).toEqual(['start', 'stop'])
    expect(clock.timers).toBe(0)
  })

  test('that fails is reported and restarted after `restartMs`, and other sources continue', async () => {
    const errors: unknown[] = []
    const { hub, clock, open } = setUp({
      onError: (error, topic) => void errors.push([topic, error]),
    })
    let starts = 0
    hub.source(
      note,
      () => {
        starts += 1
        throw new Error('broken')
      },
      { restartMs: 100 },
    )
    const { sink } = await open({ topics: NOTE })
    expect(errors).toEqual([['note', new Error('broken')]])
    clock.advance(99)
    expect(starts).toBe(1)
    clock.advance(1)
    await settle()
    expect(starts).toBe(2)
    sink.close()
    clock.advance(10_000)
    await settle()
    expect(starts).toBe(2)
  })

  test('that publishes invalid data from a timer is reported once, aborted and restarted', async () => {
    const errors: unknown[] = []
    const { hub, clock, open } = setUp({
      maxEventBytes: 4,
      onError: (error, topic) => void errors.push([topic, (error as HubError).code]),
    })
    const { log, publish, source } = recorder()
    hub.source(note, source, { restartMs: 100 })
    const { sink } = await open({ topics: NOTE })
    clock.after(10, () => {
      publish('too long')
      publish('too long again')
      publish('lost')
    })
    clock.advance(10)
    await settle()
    expect(errors).toEqual([['note', 'event-too-large']])
    expect(log).toEqual(['start', 'stop'])
    clock.advance(100)
    expect(log).toEqual(['start', 'stop', 'start'])
    publish('fine')
    clock.tick()
    expect(sink.events().map(({ data }) => data)).toEqual(['lost', 'fine'])
  })

  test('whose event the log rejects after it was stopped is reported and not restarted', async () => {
    const errors: unknown[] = []
    const lost = new Error('the log is full')
    const log = { ...createMemoryLog(), append: () => Promise.reject(lost) }
    const { hub, clock, open } = setUp({ log, onError: (error) => void errors.push(error) })
    const { log: calls, publish, source } = recorder()
    hub.source(note, source)
    const { sink } = await open({ topics: NOTE })
    publish('lost')
    sink.close()
    await settle()
    clock.advance(10_000)
    expect(errors).toEqual([lost])
    expect(calls).toEqual(['start', 'stop'])
    expect(clock.timers).toBe(0)
  })

  test('whose event the log rejects after a restart runs only once', async () => {
    const log = { ...createMemoryLog(), append: () => Promise.reject(new Error('full')) }
    const { hub, clock, open } = setUp({ log, onError: () => undefined })
    const { log: calls, publish, source } = recorder()
    hub.source(note, source, { restartMs: 100 })
    const { sink } = await open({ topics: NOTE })
    publish('lost')
    sink.close()
    await open({ topics: NOTE })
    clock.advance(100)
    expect(calls).toEqual(['start', 'stop', 'start'])
  })

  test('that fails during `lingerMs` is restarted for the next subscriber', async () => {
    const { hub, clock, open } = setUp({ maxEventBytes: 4, onError: () => undefined })
    const { log, publish, source } = recorder()
    hub.source(note, source, { lingerMs: 100, restartMs: 1_000 })
    const { sink } = await open({ topics: NOTE })
    sink.close()
    publish('too long')
    await settle()
    await open({ topics: NOTE })
    clock.advance(1_000)
    expect(log).toEqual(['start', 'stop', 'start'])
  })

  test('that fails is reported on the console without `onError`', async () => {
    const warn = spyOnWarn()
    const { hub, open } = setUp()
    const failure = new Error('broken')
    hub.source(note, () => Promise.reject(failure))
    await open({ topics: NOTE })
    expect(warn.mock.calls).toEqual([['@downlink/hub: The source of note failed:', failure]])
  })

  test('is restarted if `onError` throws, and both errors are printed', async () => {
    const warn = spyOnWarn()
    const failure = new Error('broken')
    const worse = new Error('the logger is broken')
    const { hub, clock, open } = setUp({
      onError() {
        throw worse
      },
    })
    let starts = 0
    const source = () => {
      starts += 1
      return Promise.reject(failure)
    }
    hub.source(note, source, { restartMs: 100 })
    await open({ topics: NOTE })
    clock.advance(100)
    expect(starts).toBe(2)
    expect(warn.mock.calls.map(([, error]) => error as unknown)).toEqual([failure, worse])
  })

  test('is rejected if the topic already has one', () => {
    const { hub } = setUp()
    hub.source(note, () => undefined)
    expect(() => hub.source(note, () => undefined)).toThrow(/note has a source already/)
  })

  test('stops when the hub closes', async () => {
    const { hub, open } = setUp()
    const { log, source } = recorder()
    hub.source(note, source, { lingerMs: 60_000 })
    await open({ topics: NOTE })
    await hub.close()
    expect(log).toEqual(['start', 'stop'])
  })
})
