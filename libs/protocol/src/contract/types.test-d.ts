import * as v from 'valibot'
import { describe, expectTypeOf, test } from 'vitest'
import {
  createCatalog,
  defineStream,
  instance,
  json,
  pack,
  pickEvents,
  text,
  unpack,
  type control,
  type EventData,
  type EventInput,
  type EventName,
  type Stream,
  type StreamEvent,
  type StreamOn,
} from '../index.ts'

const jobs = defineStream({
  topic: 'jobs',
  events: {
    progress: json(v.object({ percent: v.number(), at: v.optional(v.string(), 'now') })),
    complete: text(v.string()),
    state: text(v.picklist(['up', 'down'])),
  },
  overflow: 'disconnect',
  finalEvents: ['complete'],
})
type Jobs = typeof jobs

describe('a stream', () => {
  test('has the types of its topic and its event names', () => {
    expectTypeOf(jobs.topic).toEqualTypeOf<'jobs'>()
    expectTypeOf<EventName<Jobs>>().toEqualTypeOf<'progress' | 'complete' | 'state'>()
    expectTypeOf(instance(jobs, 'r1').topic).toEqualTypeOf<'jobs/r1'>()
    expectTypeOf<EventName<typeof control>>().toEqualTypeOf<
      | 'downlink.hello'
      | 'downlink.refused'
      | 'downlink.dropped'
      | 'downlink.health'
      | 'downlink.bye'
    >()
  })

  test('has the input and output types of its schemas', () => {
    expectTypeOf<EventInput<Jobs, 'progress'>>().toEqualTypeOf<{
      percent: number
      at?: string | undefined
    }>()
    expectTypeOf<EventData<Jobs, 'progress'>>().toEqualTypeOf<{ percent: number; at: string }>()
    expectTypeOf<EventData<Jobs, 'state'>>().toEqualTypeOf<'up' | 'down'>()
  })

  test('rejects an unknown event and data of another type', () => {
    const wrong = () => {
      pack(jobs, 'progress', { percent: 1 })
      // @ts-expect-error no such event
      pack(jobs, 'started', 'x')
      // @ts-expect-error the percentage is a number
      pack(jobs, 'progress', { percent: '1' })
      // @ts-expect-error this event has text
      pack(jobs, 'complete', 5)
    }
    expectTypeOf(wrong).toBeFunction()
    // @ts-expect-error text(schema) is for strings
    expectTypeOf(text).toBeCallableWith(v.number())
  })

  test('rejects an unknown overflow policy', () => {
    const events = { a: text(v.string()) }
    // @ts-expect-error neither conflate nor disconnect
    expectTypeOf(defineStream).toBeCallableWith({ topic: 'a', events, overflow: 'some' })
  })
})

describe('a received event', () => {
  test('is a union that the event name narrows', () => {
    const received = unpack(jobs, { event: 'complete', data: 'done', id: '' })
    if (!received.ok) return
    const { value } = received
    expectTypeOf(value).toEqualTypeOf<StreamEvent<Jobs>>()
    if (value.event === 'complete') expectTypeOf(value.data).toEqualTypeOf<string>()
    else if (value.event === 'progress') expectTypeOf(value.data.at).toEqualTypeOf<string>()
    else expectTypeOf(value.data).toEqualTypeOf<'up' | 'down'>()
  })
})

describe('pickEvents', () => {
  test('types the contract of the named events', () => {
    const picked = pickEvents(jobs, ['complete'])
    expectTypeOf(picked).toEqualTypeOf<Stream<'jobs', Pick<Jobs['events'], 'complete'>>>()
    // @ts-expect-error not an event of the stream
    pickEvents(jobs, ['done'])
  })
})

describe('a catalog', () => {
  const clock = defineStream({
    topic: 'clock',
    events: { message: text(v.string()) },
    overflow: 'conflate',
  })
  const catalog = createCatalog([jobs, clock])

  test('has the contract type of a topic known at compile time', () => {
    expectTypeOf(catalog.find('clock')).toEqualTypeOf<typeof clock | undefined>()
    expectTypeOf(catalog.find('jobs/r1')).toEqualTypeOf<
      Stream<'jobs/r1', Jobs['events']> | undefined
    >()
    expectTypeOf<StreamOn<Jobs, 'unknown'>>().toBeNever()
  })

  test('has the union of all contracts for a topic known at run time', () => {
    const topic: string = 'jobs'
    expectTypeOf(catalog.find(topic)).toEqualTypeOf<
      Stream<string, Jobs['events'] | (typeof clock)['events']> | undefined
    >()
  })
})
