import { LinkError } from '@downlink/client'
import { describe, expect, test } from 'vitest'
import { createFormats } from '../ui/format.ts'
import { createBeats } from './activity.ts'
import { measureClockOffset } from './clock-offset.ts'
import { ConnectionModel } from './connection.svelte.ts'
import { createLateness } from './lateness.ts'
import { outageWords, stripWords } from './activity-labels.ts'

const formats = createFormats('en')
const AT = 1_000_000_000

describe('beats', () => {
  test('count the events and bytes of each second, newest last', () => {
    const beats = createBeats()
    beats.event(AT, false)
    beats.event(AT + 999, false)
    beats.bytes(AT, 120)
    const strip = beats.at(AT + 1000)
    expect(strip.beats).toHaveLength(120)
    expect(strip.beats.at(-1)).toMatchObject({ events: 2, bytes: 120, out: false })
    expect(strip.eventsPerSecond).toBe(0.4)
    expect(strip.bytesPerSecond).toBe(24)
  })

  test('forget what is older than two minutes', () => {
    const beats = createBeats()
    beats.event(AT, false)
    const total = (at: number) => beats.at(at).beats.reduce((sum, beat) => sum + beat.events, 0)
    expect(total(AT + 120_000)).toBe(1)
    expect(total(AT + 121_000)).toBe(0)
    beats.event(AT + 121_000, false)
    expect(total(AT + 122_000)).toBe(1)
  })

  test('are hollow in an outage, whose replay is counted', () => {
    const beats = createBeats()
    beats.lost(AT)
    beats.lost(AT + 1000)
    beats.restored(AT + 4100)
    for (let i = 0; i < 31; i += 1) beats.event(AT + 4100, true)
    const strip = beats.at(AT + 6000)
    expect(strip.beats.filter((beat) => beat.out)).toHaveLength(4)
    expect(strip.outage).toEqual({ startedAt: AT, endedAt: AT + 4100, replayed: 31, gap: false })
    expect(outageWords(strip.outage, AT + 6000, formats)).toBe('outage 4.1 s, 31 events replayed')
    expect(stripWords(strip, AT + 6000, formats)).toBe(
      'Events per second, last 2 minutes: 31 events. One outage of 4.1 s, 1.9 s ago.',
    )
  })

  test('name an outage that goes on, and one whose events are lost', () => {
    const beats = createBeats()
    beats.lost(AT)
    expect(outageWords(beats.at(AT + 3000).outage, AT + 3000, formats)).toBe('outage, 3.0 s so far')
    beats.restored(AT + 4000)
    beats.gap()
    expect(outageWords(beats.at(AT + 5000).outage, AT + 5000, formats)).toBe(
      'outage 4.0 s, its events are lost',
    )
    expect(beats.at(AT + 125_000).outage).toBeNull()
  })
})

describe('an outage in which the link gave up', () => {
  const refused = { state: 'failed', error: new LinkError('refused', 'Refused.') } as const

  test('is over, and counted, with the next connection', () => {
    const connection = new ConnectionModel()
    connection.onStatus({ state: 'live', since: AT }, AT)
    expect(connection.onStatus(refused, AT + 1000)).toEqual({ kind: 'lost', text: 'Refused.' })
    expect(connection.lostAt).toBeNull()
    connection.onStatus({ state: 'connecting', since: AT + 5000 }, AT + 5000)
    expect(connection.lostAt).toBe(AT + 1000)
    const live = { state: 'live', since: AT + 6000 } as const
    expect(connection.onStatus(live, AT + 6000)).toEqual({ kind: 'back', text: 'after 5.0 s' })
    expect(connection.reconnects).toBe(1)
    expect(connection.strip(AT + 20_000).outage).toMatchObject({ endedAt: AT + 6000 })
  })

  test('is none before the first connection', () => {
    const connection = new ConnectionModel()
    expect(connection.onStatus(refused, AT)).toBeNull()
    expect(connection.strip(AT + 5000).outage).toBeNull()
  })
})

describe('lateness', () => {
  test('is counted against the fastest event of the minute, whatever the clocks say', () => {
    const lateness = createLateness()
    const serverIsAheadBy = 7_200_000
    expect(lateness.add(AT + 30, AT + serverIsAheadBy)).toBe(0)
    expect(lateness.add(AT + 1010, AT + 1000 + serverIsAheadBy)).toBe(0)
    expect(lateness.add(AT + 2045, AT + 2000 + serverIsAheadBy)).toBe(35)
    expect(lateness.quantile(0.5, AT + 2045)).toBe(20)
  })

  test('survives midnight, where the second of the day begins anew', () => {
    const lateness = createLateness()
    lateness.add(AT + 10, 86_399_000)
    expect(lateness.add(AT + 1015, 0)).toBe(5)
  })

  test('is unknown without events in the last minute', () => {
    const lateness = createLateness()
    expect(lateness.quantile(0.5, AT)).toBeNull()
    lateness.add(AT, AT)
    expect(lateness.quantile(0.5, AT + 61_000)).toBeNull()
    lateness.add(AT + 62_000, AT + 62_000)
    lateness.reset()
    expect(lateness.quantile(0.5, AT + 62_000)).toBeNull()
  })
})

describe('the distance of two clocks', () => {
  test('is that of the quickest answer', async () => {
    const ahead = () => Promise.resolve(Response.json({ now: Date.now() + 5000 }))
    const measured = await measureClockOffset('/time', ahead)
    expect(measured?.offsetMs).toBeGreaterThan(4900)
    expect(measured?.offsetMs).toBeLessThan(5100)
  })

  test.each([
    ['is refused', () => Promise.resolve(Response.json({ now: 1 }, { status: 404 }))],
    ['says nothing of use', () => Promise.resolve(Response.json({ time: 'late' }))],
    ['cannot be reached', () => Promise.reject(new TypeError('no network'))],
  ])('is unknown where the question %s', async (_, send) => {
    expect(await measureClockOffset('/time', send)).toBeNull()
  })
})
