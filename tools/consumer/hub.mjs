// Runs the core of the hub without a server, with a sink in memory. Uses nothing of Node.
import { createHub, createMemoryLog } from '@downlink/hub'
import { defineStream, text } from '@downlink/protocol'
import { createDecoder } from '@downlink/protocol/sse'

const notes = defineStream({
  topic: 'notes',
  events: { note: text(anyText()) },
  overflow: 'disconnect',
})
const quotes = defineStream({
  topic: 'quotes',
  events: { bid: text(anyText()), ask: text(anyText()) },
  overflow: 'conflate',
})

/** What the subscribers receive: the same in every runtime. */
export async function runHub() {
  // The timers of the hub do not keep a process alive in Node and Bun, and this program has no socket that does.
  const keepAlive = setInterval(() => undefined, 1_000)
  try {
    return { ...(await resume()), ...(await overflow()), plain: await plain() }
  } finally {
    clearInterval(keepAlive)
  }
}

async function resume() {
  const hub = createHub({ log: createMemoryLog({ epoch: 'run' }) })
  const live = subscribe(hub, { stream: notes })
  await live.outcome
  const ids = []
  for (const data of ['a', 'b', 'c']) ids.push(await hub.publish(notes, 'note', data))
  await live.has('c')
  const resumed = subscribe(hub, { stream: notes }, ids[0])
  await resumed.has('c')
  const gap = subscribe(hub, { stream: notes, start: 'history' }, 'other-1')
  await gap.has('c')
  await hub.close()
  return { live: await live.result(), resumed: await resumed.result(), gap: await gap.result() }
}

/** Sinks that accept no more bytes, next to one that does. */
async function overflow() {
  const log = createMemoryLog({ epoch: 'run' })
  const hub = createHub({ log, maxQueuedBytes: 200 })
  const fast = subscribe(hub, { stream: quotes })
  const conflated = subscribe(hub, { stream: quotes })
  const disconnected = subscribe(hub, { stream: notes })
  await Promise.all([fast.outcome, conflated.outcome, disconnected.outcome])

  conflated.block()
  disconnected.block()
  await Promise.all([hub.publish(quotes, 'bid', '0'), hub.publish(notes, 'note', '0')])
  await Promise.all([fast.has('0'), conflated.has('0'), disconnected.has('0')])
  // Both sinks have now returned false for a write: the events below are queued.
  for (let price = 1; price <= 20; price++) {
    await hub.publish(quotes, price % 2 ? 'ask' : 'bid', String(price))
    await hub.publish(notes, 'note', 'x'.repeat(100))
  }
  const tooSlow = await disconnected.result()
  await fast.has('20')
  conflated.drain()
  await hub.close()
  const { received, left } = await fast.result()
  const quotesReceived = received.filter(([event]) => event.startsWith('quotes/')).length
  return {
    fast: { quotes: quotesReceived, left },
    conflated: await conflated.result(),
    disconnected: tooSlow,
  }
}

/** The default log, whose epoch is random, a source, and the heartbeats of the system clock. */
async function plain() {
  const hub = createHub({ heartbeatMs: 8 })
  hub.source(notes, ({ publish }) => publish('note', 'from the source'))
  const subscriber = subscribe(hub, { stream: notes }, undefined, 'plain')
  await subscriber.has('from the source')
  await subscriber.hasHeartbeat()
  await hub.close({ spreadMs: 8 })
  const { received, left } = await subscriber.result()
  return { events: received.map(([event, data]) => [event, data]), left }
}

/** Subscribes with a sink in memory that decodes what it is given. */
function subscribe(hub, topic, lastEventId, format = 'multiplexed') {
  const received = []
  const comments = []
  const decoder = createDecoder({
    onEvent: ({ event, data, id }) => received.push([event, withoutJitter(data), id]),
    onComment: (comment) => comments.push(comment),
  })
  let waiting = []
  let accepts = true
  let end
  let listener
  const sink = {
    bufferedBytes: 0,
    open(opened) {
      listener = opened
    },
    write(bytes) {
      decoder.push(bytes)
      waiting = waiting.filter((isDone) => !isDone())
      return accepts
    },
    end() {
      end = 'ended'
      queueMicrotask(() => listener.onClose())
    },
    destroy() {
      end = 'destroyed'
      queueMicrotask(() => listener.onClose())
    },
  }
  const subscription = hub.subscribe({ sink, topics: [topic], lastEventId, format })
  return {
    outcome: subscription.outcome,
    has: (data) => until(() => received.some(([, value]) => value === data)),
    hasHeartbeat: () => until(() => comments.includes('')),
    block() {
      accepts = false
    },
    drain() {
      accepts = true
      listener.onDrain()
    },
    result: async () => ({
      outcome: await subscription.outcome,
      left: await subscription.left,
      end,
      received,
    }),
  }

  /** Resolves after the first write that makes it true. */
  function until(isTrue) {
    if (isTrue()) return Promise.resolve()
    return new Promise((resolve) => {
      waiting.push(() => {
        const isDone = isTrue()
        if (isDone) resolve()
        return isDone
      })
    })
  }
}

/** The reconnection time of `downlink.bye` is random. */
function withoutJitter(data) {
  return data.replace(/"reconnectMs":\d+/, '"reconnectMs":0')
}

function anyText() {
  const validate = (value) =>
    typeof value === 'string' ? { value } : { issues: [{ message: 'expected a string' }] }
  return { '~standard': { version: 1, vendor: 'app', validate } }
}
