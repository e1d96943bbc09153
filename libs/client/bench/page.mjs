// What runs in the browser: each contender reads `count` events from an address, and one decodes without a network.
import { createLink } from '@downlink/client'
import { EventSource as DownlinkEventSource } from '@downlink/client/event-source'
import { defineStream, text } from '@downlink/protocol'
import { createSmallDecoder } from '@downlink/protocol/sse/small'
import { fetchEventSource } from '@microsoft/fetch-event-source'
import { EventSource as NpmEventSource } from 'eventsource'

const anyText = { '~standard': { version: 1, vendor: 'bench', validate: (value) => ({ value }) } }
const stream = defineStream({
  topic: 'bench',
  events: { message: text(anyText) },
  slowReader: 'every',
})
const CHUNK_BYTES = 65_536

globalThis.contenders = {
  'native EventSource': (url, count) => listen(globalThis.EventSource, url, count),
  '@downlink/client EventSource': (url, count) => listen(DownlinkEventSource, url, count),
  '@downlink/client EventSource, onmessage': (url, count) =>
    handle(DownlinkEventSource, url, count),
  '@downlink/client createLink': (url, count) =>
    new Promise((resolve) => {
      const link = createLink(url, { face: 'plain' })
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
}

/** The decoder alone, on the bytes of the same stream in memory. Resolves once it is ready to be started. */
globalThis.prepareDecoder = async (url, count) => {
  const response = await globalThis.fetch(url)
  const bytes = new Uint8Array(await response.arrayBuffer())
  globalThis.decode = () => {
    let seen = 0
    const decoder = createSmallDecoder({ onEvent: () => (seen += 1) })
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      decoder.push(bytes.subarray(at, at + CHUNK_BYTES))
    }
    if (seen !== count) throw new Error(`${seen} events instead of ${count}`)
  }
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
