import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { createCatalog } from './catalog.ts'
import { defineStream, text } from './define-stream.ts'
import { unpack } from './unpack.ts'

const note = text(v.string())
const time = defineStream({ topic: 'time', events: { message: note }, overflow: 'conflate' })
const run = defineStream({
  topic: 'run',
  events: { done: note },
  overflow: 'disconnect',
  finalEvents: ['done'],
})
const runLog = defineStream({ topic: 'run/log', events: { line: note }, overflow: 'disconnect' })

describe('a catalog', () => {
  const catalog = createCatalog([time, run, runLog])

  it('finds a stream by its topic', () => {
    expect(catalog.find('time')).toBe(time)
    expect(catalog.find('run/log')).toBe(runLog)
  })

  it('finds the instance of a stream by <topic>/<id>', () => {
    const found = catalog.find('run/7f3a')
    expect(found?.topic).toBe('run/7f3a')
    expect(found?.finalEvents).toEqual(['done'])
    expect(found && unpack(found, { event: 'done', data: 'ok', id: '' })).toMatchObject({
      ok: true,
    })
  })

  it('prefers the stream whose topic is the longest prefix', () => {
    expect(catalog.find('run/log/1')?.events).toBe(runLog.events)
    expect(catalog.find('run/1/2')?.events).toBe(run.events)
  })

  it.each([
    '',
    'weather',
    'timer',
    'run/',
    '/run',
    'run//1',
    'run/..',
    'downlink.hello',
    'time/ x',
  ])('finds nothing for %j', (topic) => {
    expect(catalog.find(topic)).toBeUndefined()
  })

  it('keeps the order of its streams', () => {
    expect(catalog.streams).toEqual([time, run, runLog])
  })

  it('rejects two streams with the same topic', () => {
    expect(() => createCatalog([time, run, { ...time }])).toThrow(
      'The catalog has two streams with the topic time',
    )
  })
})
