// What runs in the browser: each contender reads `count` events from an address; the last one reads the bytes of a few
// again and again, so that it decodes without a network.
import { createLink } from '@downlink/client'
import { EventSource as DownlinkEventSource } from '@downlink/client/event-source'
import { defineStream, text } from '@downlink/protocol'
import { createDecoder } from '@downlink/protocol/sse'
import { fetchEventSource } from '@microsoft/fetch-event-source'
import { EventSource as NpmEventSource } from 'eventsource'

const anyText = { '~standard': { version: 1, vendor: 'bench', validate: (value) => ({ value }) } }
const stream = defineStream({
  topic: 'bench',
  events: { message: text(anyText) },
  overflow: 'disconnect',
})
const CHUNK_EVENTS = 64

globalThis.contenders = {
  'native EventSource': (url, count) => listen(globalThis.EventSource, url, count),
  '@downlink/client EventSource': (url, count) => listen(DownlinkEventSource, url, count),
  '@downlink/client EventSource, onmessage': (url, count) =>
    handle(DownlinkEventSource, url, count),
  '@downlink/client createLink': (url, count) =>
    new Promise((resolve) => {
      const link = createLink(url, { format: 'plain' })
      let left = count
      link.subscribe(stream, {
        onEvent() {
          left -= 1
          if (left > 0) return
          link.close()
          resolve()
        },
      })
    }),
  'eventsource 3': (url, count) => listen(NpmEventSource, url, count),
  'eventsource 3, onmessage': (url, count) => handle(NpmEventSource, url, count),
  'fetch-event-source 2': (url, count) =>
    new Promise((resolve) => {
      const controller = new globalThis.AbortController()
      let left = count
      void fetchEventSource(url, {
        signal: controller.signal,
        openWhenHidden: true,
        onmessage() {
          left -= 1
          if (left > 0) return
          controller.abort()
          resolve()
        },
      })
    }),
  'the decoder alone': decode,
}

function listen(Class, url, count) {
  return new Promise((resolve) => {
    const source = new Class(url)
    let left = count
    source.addEventListener('message', () => {
      left -= 1
      if (left > 0) return
      source.close()
      resolve()
    })
  })
}

function handle(Class, url, count) {
  return new Promise((resolve) => {
    const source = new Class(url)
    let left = count
    source.onmessage = () => {
      left -= 1
      if (left > 0) return
      source.close()
      resolve()
    }
  })
}

async function decode(url, count) {
  const few = await globalThis.fetch(url.replace(/count=.*/, `count=${CHUNK_EVENTS}`))
  const chunk = new Uint8Array(await few.arrayBuffer())
  let left = count
  const decoder = createDecoder({ onEvent: () => (left -= 1) })
  while (left > 0) decoder.push(chunk)
}
