// Before: await fetchEventSource(url, { method, headers, body, signal, onmessage, onerror })
import { createLink } from '@downlink/client'
import { defineStream, text } from '@downlink/protocol'
import * as v from 'valibot'

const answer = defineStream({
  topic: 'answer',
  events: { message: text(v.string()), done: text(v.string()) },
  overflow: 'disconnect',
  finalEvents: ['done'],
})

// After: any event stream on the plain format. A POST is sent once: a refusal, a broken network and a response that ends
// before `done` throw a LinkError, so that no half answer is taken for a whole one.
export async function ask(url: string, question: string, signal: AbortSignal): Promise<string> {
  const link = createLink(url, {
    format: 'plain',
    body: JSON.stringify({ question }),
    headers: { 'content-type': 'application/json' },
  })
  let said = ''
  for await (const { event, data } of link.subscribe(answer, { signal })) {
    if (event === 'message') said += data
  }
  return said
}
