import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { defineStream, instance, json, pack, pickEvents, text } from '../index.ts'

const events = { progress: json(v.number()), complete: text(v.string()) }
const jobs = defineStream({
  topic: 'jobs',
  events,
  overflow: 'disconnect',
  finalEvents: ['complete'],
})

describe('defineStream', () => {
  test('returns a frozen contract', () => {
    expect(jobs).toMatchObject({ topic: 'jobs', overflow: 'disconnect', finalEvents: ['complete'] })
    expect(Object.isFrozen(jobs) && Object.isFrozen(jobs.events)).toBe(true)
  })

  test('accepts one final event, several or none', () => {
    const ends = ['complete', 'progress'] as const
    const { finalEvents } = defineStream({
      topic: 'jobs',
      events,
      overflow: 'disconnect',
      finalEvents: ends,
    })
    expect(finalEvents).toEqual(ends)
    expect(Object.isFrozen(finalEvents)).toBe(true)
    expect(
      defineStream({ topic: 'jobs', events, overflow: 'disconnect' }).finalEvents,
    ).toBeUndefined()
  })

  test.each([
    '',
    'a b',
    'a/',
    '/a',
    'é',
    'downlink',
    'downlink.x',
    'a\n',
    '__proto__',
    'a'.repeat(129),
  ])('rejects the topic %j', (topic) => {
    expect(() => defineStream({ topic, events, overflow: 'conflate' })).toThrow(
      expect.objectContaining({ name: 'ContractError', code: 'invalid-topic' }),
    )
  })

  test.each(['', 'a/b', 'a b', 'a\r', 'open', 'error', 'downlink.hello', 'a\u2028', '\ud800'])(
    'rejects the event name %j',
    (event) => {
      const broken = { topic: 'jobs', events: { [event]: json(v.number()) }, overflow: 'conflate' }
      expect(() => defineStream(broken as typeof broken & { overflow: 'conflate' })).toThrow(
        expect.objectContaining({ code: 'invalid-event-name' }),
      )
    },
  )

  test('rejects a contract without events or with an unknown final event', () => {
    expect(() => defineStream({ topic: 'a', events: {}, overflow: 'conflate' })).toThrow(
      expect.objectContaining({ code: 'invalid-contract' }),
    )
    const done = 'done' as 'complete'
    for (const finalEvents of [[done], ['complete', done]] as const)
      expect(() => defineStream({ topic: 'a', events, overflow: 'conflate', finalEvents })).toThrow(
        expect.objectContaining({ code: 'invalid-contract', event: 'done' }),
      )
  })
})

describe('history', () => {
  const history = { maxEvents: 10, maxBytes: 0, maxAgeMs: Infinity }

  test('is frozen with the contract, and each instance has it', () => {
    const limited = defineStream({ topic: 'jobs', events, overflow: 'disconnect', history })
    expect(limited.history).toEqual(history)
    expect(Object.isFrozen(limited.history)).toBe(true)
    expect(instance(limited, 'r1').history).toEqual(history)
  })

  test.each(['maxEvents', 'maxBytes', 'maxAgeMs'])('rejects a %s below 0', (limit) => {
    for (const value of [-1, Number.NaN])
      expect(() =>
        defineStream({
          topic: 'jobs',
          events,
          overflow: 'disconnect',
          history: { [limit]: value },
        }),
      ).toThrow(expect.objectContaining({ code: 'invalid-contract', topic: 'jobs' }))
  })
})

describe('instance', () => {
  test('keeps the events and the options of the stream', () => {
    const run = instance(jobs, 'r1')
    expect(run.topic).toBe('jobs/r1')
    expect(run.events).toBe(jobs.events)
    expect(pack(run, 'progress', 5)).toEqual({ event: 'progress', data: '5' })
  })

  test.each(['', 'a b', '..', 'a\n', 'a//b'])('rejects the id %j', (id) => {
    expect(() => instance(jobs, id)).toThrow(expect.objectContaining({ code: 'invalid-topic' }))
  })
})

describe('pickEvents', () => {
  test('gives a frozen contract of the named events and the final events among them', () => {
    const progress = pickEvents(jobs, ['progress'])
    expect(progress).toEqual({
      topic: 'jobs',
      events: { progress: events.progress },
      overflow: 'disconnect',
      finalEvents: [],
    })
    expect(Object.isFrozen(progress) && Object.isFrozen(progress.events)).toBe(true)
    expect(pickEvents(jobs, ['complete', 'complete']).finalEvents).toEqual(['complete'])
    expect(pickEvents(instance(jobs, 'r1'), ['progress']).topic).toBe('jobs/r1')
  })

  test.each(['done', 'toString', ''])('rejects %j, which the stream does not define', (name) => {
    expect(() => pickEvents(jobs, ['progress', name as 'complete'])).toThrow(
      expect.objectContaining({ name: 'ContractError', code: 'unknown-event', event: name }),
    )
  })

  test('rejects an empty list of names', () => {
    expect(() => pickEvents(jobs, [])).toThrow(
      expect.objectContaining({ code: 'invalid-contract' }),
    )
  })
})
