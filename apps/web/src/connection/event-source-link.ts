// A link over the browser's own EventSource, which sees only what EventSource shows.
import { LinkError, type LinkStatus, type StreamHandlers, type WireFrame } from '@downlink/client'
import { control, formatEventName, unpack, type Stream } from '@downlink/protocol'
import type { PageLink } from './connect.ts'

interface Subscriber {
  readonly stream: Stream
  readonly handlers: StreamHandlers<Stream>
}

export interface EventSourceLinkOptions {
  readonly lastEventId?: string
  /** Called with each event, written as a frame again. `bytes` is 0; EventSource hides comments and `retry`. */
  readonly onFrame?: (frame: WireFrame) => void
}

/** EventSource tells neither why it failed nor when it reconnects, so neither does this link. */
export function createEventSourceLink(url: string, options: EventSourceLinkOptions = {}): PageLink {
  const subscribers = new Set<Subscriber>()
  const listeners = new Set<(status: LinkStatus) => void>()
  let status: LinkStatus = { state: 'idle' }
  let lastEventId = options.lastEventId ?? ''
  let source: EventSource | null = null
  let attempt = 0
  let scheduled = false

  return {
    get status() {
      return status
    },
    get lastEventId() {
      return lastEventId
    },
    onStatus(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    subscribe(stream, handlers) {
      // The handlers only receive events that were unpacked with the contract `stream`.
      const subscriber = { stream, handlers: handlers as StreamHandlers<Stream> }
      subscribers.add(subscriber)
      schedule()
      return () => {
        if (subscribers.delete(subscriber)) schedule()
      }
    },
    retryNow() {
      if (status.state !== 'live') open()
    },
    close() {
      source?.close()
      source = null
      subscribers.clear()
      setStatus({ state: 'ended', reason: 'closed' })
      listeners.clear()
    },
  }

  /** Subscriptions changed in the same tick share one request. */
  function schedule(): void {
    if (scheduled) return
    scheduled = true
    queueMicrotask(() => {
      scheduled = false
      if (status.state !== 'ended') open()
    })
  }

  function open(): void {
    source?.close()
    source = null
    if (subscribers.size === 0) return
    const target = new URL(url, document.baseURI)
    const topics = new Set([...subscribers].map(({ stream }) => stream.topic))
    for (const topic of topics) target.searchParams.append('topic', topic)
    // A new EventSource does not send Last-Event-ID.
    if (lastEventId !== '') target.searchParams.set('lastEventId', lastEventId)
    setStatus({ state: 'connecting', since: Date.now() })
    const opened = new EventSource(target)
    source = opened
    opened.onopen = () => {
      attempt = 0
      setStatus({ state: 'live', since: Date.now() })
    }
    opened.onerror = () => onError(opened)
    for (const name of Object.keys(control.events)) opened.addEventListener(name, onControl)
    for (const { stream } of subscribers) listen(opened, stream)
  }

  function listen(opened: EventSource, stream: Stream): void {
    for (const event of Object.keys(stream.events)) {
      const name = formatEventName(stream.topic, event)
      opened.addEventListener(name, (message: MessageEvent<string>) => {
        tap(message)
        for (const subscriber of [...subscribers]) {
          if (subscriber.stream.topic === stream.topic) deliver(subscriber, event, message)
        }
      })
    }
  }

  function deliver(subscriber: Subscriber, event: string, message: MessageEvent<string>): void {
    const { stream, handlers } = subscriber
    const unpacked = unpack(stream, { event, data: message.data, id: message.lastEventId })
    if (!unpacked.ok) handlers.onInvalid?.(unpacked.failure)
    else handlers.onEvent(unpacked.value)
  }

  function onControl(message: MessageEvent<string>): void {
    tap(message)
    const { type, data, lastEventId: id } = message
    const unpacked = unpack(control, { event: type, data, id })
    if (!unpacked.ok || unpacked.value.event !== 'downlink.hello') return
    const { outcome } = unpacked.value.data
    for (const { handlers } of [...subscribers]) handlers.onResume?.(outcome)
  }

  function onError(opened: EventSource): void {
    attempt += 1
    const reason = { code: 'network', message: 'EventSource does not tell why.' } as const
    if (opened.readyState !== EventSource.CLOSED) {
      setStatus({ state: 'reconnecting', attempt, retryAt: Date.now(), reason })
      return
    }
    const message = 'EventSource has given up. It does not tell why, or with which status.'
    setStatus({ state: 'failed', error: new LinkError('refused', message) })
  }

  function tap(message: MessageEvent<string>): void {
    lastEventId = message.lastEventId
    const lines = message.data.split('\n').map((line) => `data: ${line}\n`)
    const text = `event: ${message.type}\n${lines.join('')}id: ${message.lastEventId}\n\n`
    options.onFrame?.({ text, bytes: 0, receivedAt: Date.now() })
  }

  function setStatus(next: LinkStatus): void {
    status = next
    for (const listener of [...listeners]) listener(next)
  }
}
