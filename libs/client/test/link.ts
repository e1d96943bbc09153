/** The fixture of link tests: a server whose responses each test writes, a manual clock, and links that are closed after the test. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { defineStream, json, text, type StreamEvent } from '@downlink/protocol'
import { encodeEvent } from '@downlink/protocol/sse'
import { afterEach, beforeEach, vi } from 'vitest'
import { createLink, type Link } from '../src/link/link.ts'
import type { LinkOptions } from '../src/options.ts'
import type { LinkStatus } from '../src/status.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'
import { startStreamServer, type StreamServer } from './stream-server.ts'

export const anyString: StandardSchemaV1<string> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value === 'string' ? { value } : { issues: [{ message: 'expected a string' }] },
  },
}
export const news = defineStream({
  topic: 'news',
  events: { message: text(anyString), flash: json(anyString) },
  overflow: 'disconnect',
})
export const ticks = defineStream({
  topic: 'ticks',
  events: { tick: text(anyString), tock: text(anyString) },
  overflow: 'conflate',
})
export const run = defineStream({
  topic: 'run/1',
  events: { progress: text(anyString), complete: text(anyString) },
  overflow: 'disconnect',
  finalEvents: ['complete'],
})
export type News = StreamEvent<typeof news>

export interface Fixture {
  readonly server: StreamServer
  readonly clock: ManualClock
  /** A link to `/events` of the server, closed after the test. */
  readonly create: (options?: LinkOptions) => Link
}

/** A new server and clock for each test of the file. */
export function useLinks(): Fixture {
  let server: StreamServer
  let clock: ManualClock
  let links: Link[]
  beforeEach(async () => {
    server = await startStreamServer()
    clock = createManualClock()
    links = []
  })
  afterEach(async () => {
    for (const link of links) link.close()
    vi.unstubAllGlobals()
    await server.close()
  })
  return {
    get server() {
      return server
    },
    get clock() {
      return clock
    },
    create(options = {}) {
      const link = createLink(`${server.url}/events`, { clock, ...options })
      links.push(link)
      return link
    },
  }
}

/** Resolves with the current or the next status of this state. */
export function until<S extends LinkStatus['state']>(
  link: Link,
  state: S,
): Promise<Extract<LinkStatus, { state: S }>> {
  return untilStatus(
    link,
    (status): status is Extract<LinkStatus, { state: S }> => status.state === state,
  )
}

/** Resolves with the status `reconnecting` of this attempt. */
export function untilAttempt(
  link: Link,
  attempt: number,
): Promise<Extract<LinkStatus, { state: 'reconnecting' }>> {
  type Reconnecting = Extract<LinkStatus, { state: 'reconnecting' }>
  return untilStatus(
    link,
    (status): status is Reconnecting =>
      status.state === 'reconnecting' && status.attempt === attempt,
  )
}

function untilStatus<S extends LinkStatus>(
  link: Link,
  matches: (status: LinkStatus) => status is S,
): Promise<S> {
  return new Promise((resolve) => {
    if (matches(link.status)) {
      resolve(link.status)
      return
    }
    const stop = link.onStatus((next) => {
      if (!matches(next)) return
      stop()
      resolve(next)
    })
  })
}

/** Subscribes to news. `next()` returns the events one by one. */
export function read(link: Link): { next: () => Promise<News>; all: News[] } {
  const all: News[] = []
  const waiting: ((event: News) => void)[] = []
  let taken = 0
  link.subscribe(news, {
    onEvent(event) {
      all.push(event)
      waiting.shift()?.(event)
    },
  })
  return {
    all,
    next() {
      const event = all[taken++]
      return event === undefined
        ? new Promise((resolve) => waiting.push(resolve))
        : Promise.resolve(event)
    },
  }
}

export function message(id: string, data: string): string {
  return encodeEvent({ event: 'news/message', data, id })
}
export function progress(id: string): string {
  return encodeEvent({ event: 'run/1/progress', data: id, id })
}
export function hello(outcome: string, heartbeatMs = 15_000): string {
  return control('hello', { heartbeatMs, outcome })
}
export function bye(reason: string, reconnectMs: number | null): string {
  return control('bye', { reason, reconnectMs })
}
export function refused(topic: string, reason: string): string {
  return control('refused', { topic, reason })
}
export function control(name: string, data: unknown): string {
  return encodeEvent({ event: `downlink.${name}`, data: JSON.stringify(data) })
}

export async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const event of events) all.push(event)
  return all
}

/** Stubs the parts of a browser's global scope that report events of the page and the network. */
export function stubPage(baseURI: string): {
  scope: EventTarget
  document: EventTarget & { hidden: boolean; baseURI: string }
  navigator: { onLine: boolean }
} {
  const scope = new EventTarget()
  const document = Object.assign(new EventTarget(), {
    hidden: false,
    baseURI,
  })
  const navigator = { onLine: true }
  vi.stubGlobal('addEventListener', scope.addEventListener.bind(scope))
  vi.stubGlobal('removeEventListener', scope.removeEventListener.bind(scope))
  vi.stubGlobal('document', document)
  vi.stubGlobal('navigator', navigator)
  return { scope, document, navigator }
}
