import { LinkError } from '@downlink/client'
import { describe, expect, test } from 'vitest'
import { createFormats } from '../ui/format.ts'
import { createActivityLog } from './activity.ts'
import { activityLabel, outageLabel } from './activity-labels.ts'
import { measureClockOffset } from './clock-offset.ts'
import { ConnectionModel } from './connection.svelte.ts'
import { createJournal } from './journal.ts'
import { createLateness } from './lateness.ts'

const formats = createFormats('en')
const AT = 1_000_000_000

describe('the activity log', () => {
  test('counts the events and bytes of each second, newest last', () => {
    const log = createActivityLog()
    log.event(AT, false)
    log.event(AT + 999, false)
    log.bytes(AT, 120)
    const report = log.report(AT + 1000)
    expect(report.seconds).toHaveLength(120)
    expect(report.seconds.at(-1)).toMatchObject({ events: 2, bytes: 120, isOutage: false })
    expect(report.eventsPerSecond).toBe(0.4)
    expect(report.bytesPerSecond).toBe(24)
  })

  test('drops seconds older than two minutes', () => {
    const log = createActivityLog()
    log.event(AT, false)
    const total = (at: number) => {
      return log.report(at).seconds.reduce((sum, second) => sum + second.events, 0)
    }
    expect(total(AT + 120_000)).toBe(1)
    expect(total(AT + 121_000)).toBe(0)
    log.event(AT + 121_000, false)
    expect(total(AT + 122_000)).toBe(1)
  })

  test('marks the seconds of an outage and counts the replayed events', () => {
    const log = createActivityLog()
    log.lost(AT)
    log.lost(AT + 1000)
    log.restored(AT + 4100)
    for (let i = 0; i < 31; i += 1) log.event(AT + 4100, true)
    const report = log.report(AT + 6000)
    expect(report.seconds.filter((second) => second.isOutage)).toHaveLength(4)
    expect(report.outage).toEqual({ startedAt: AT, endedAt: AT + 4100, replayed: 31, gap: false })
    expect(outageLabel(report.outage, AT + 6000, formats)).toBe('outage 4.1 s, 31 events replayed')
    expect(activityLabel(report, AT + 6000, formats)).toBe(
      'Events per second, last 2 minutes: 31 events. One outage of 4.1 s, 1.9 s ago.',
    )
  })

  test('reports an outage that continues, and one whose events are lost', () => {
    const log = createActivityLog()
    log.lost(AT)
    const label = (at: number) => outageLabel(log.report(at).outage, at, formats)
    expect(label(AT + 3000)).toBe('outage, 3.0 s so far')
    expect(activityLabel(log.report(AT + 3000), AT + 3000, formats)).toContain(
      'An outage has lasted 3.0 s so far.',
    )
    log.restored(AT + 4000)
    log.gap()
    expect(label(AT + 5000)).toBe('outage 4.0 s, its events are lost')
    expect(log.report(AT + 125_000).outage).toBeNull()
  })
})

describe('an outage in which the link gives up', () => {
  const refused = { state: 'failed', error: new LinkError('refused', 'Refused.') } as const

  test('ends with the next connection, which counts as a reconnect', () => {
    const connection = new ConnectionModel()
    connection.onStatus({ state: 'live', since: AT }, AT)
    expect(connection.onStatus(refused, AT + 1000)).toEqual({ kind: 'lost', text: 'Refused.' })
    expect(connection.lostAt).toBeNull()
    connection.onStatus({ state: 'connecting', since: AT + 5000 }, AT + 5000)
    expect(connection.lostAt).toBe(AT + 1000)
    const live = { state: 'live', since: AT + 6000 } as const
    expect(connection.onStatus(live, AT + 6000)).toEqual({ kind: 'back', text: 'after 5.0 s' })
    expect(connection.reconnects).toBe(1)
    expect(connection.activity(AT + 20_000).outage).toMatchObject({ endedAt: AT + 6000 })
  })

  test('does not exist before the first connection', () => {
    const connection = new ConnectionModel()
    expect(connection.onStatus(refused, AT)).toBeNull()
    expect(connection.activity(AT + 5000).outage).toBeNull()
  })
})

describe('lateness', () => {
  test('is relative to the fastest event of the minute, whatever the clocks show', () => {
    const lateness = createLateness()
    const serverIsAheadBy = 7_200_000
    expect(lateness.add(AT + 30, AT + serverIsAheadBy)).toBe(0)
    expect(lateness.add(AT + 1010, AT + 1000 + serverIsAheadBy)).toBe(0)
    expect(lateness.add(AT + 2045, AT + 2000 + serverIsAheadBy)).toBe(35)
    expect(lateness.quantile(0.5, AT + 2045)).toBe(20)
  })

  test('continues across midnight, where the second of the day starts at 0 again', () => {
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

describe('the clock offset', () => {
  test('is the difference between the two clocks', async () => {
    const ahead = () => Promise.resolve(Response.json({ now: Date.now() + 5000 }))
    const measured = await measureClockOffset('/time', ahead)
    expect(measured?.offsetMs).toBeGreaterThan(4900)
    expect(measured?.offsetMs).toBeLessThan(5100)
  })

  test.each([
    ['is refused', () => Promise.resolve(Response.json({ now: 1 }, { status: 404 }))],
    ['has no time in its answer', () => Promise.resolve(Response.json({ time: 'late' }))],
    ['does not reach the API', () => Promise.reject(new TypeError('no network'))],
  ])('is unknown if the request %s', async (_, send) => {
    expect(await measureClockOffset('/time', send)).toBeNull()
  })
})

describe('the journal', () => {
  test('keeps a limited number of entries and counts the dropped ones', () => {
    const journal = createJournal(3)
    for (const text of ['a', 'b', 'c', 'd']) journal.frame(text, 1, 0, true)
    expect(journal.entries().map(({ text }) => text)).toEqual(['b', 'c', 'd'])
    expect(journal.totals).toEqual({ frames: 4, bytes: 4, dropped: 1 })
  })

  test('keeps a limited amount of text, but always the newest entry', () => {
    const journal = createJournal(100, 10)
    journal.frame('12345678', 8, 0, true)
    journal.frame('123456789012', 12, 0, true)
    expect(journal.entries()).toHaveLength(1)
    expect(journal.entries()[0]?.text).toBe('123456789012')
  })
})
