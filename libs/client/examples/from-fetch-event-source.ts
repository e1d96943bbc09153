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

// After: the plain format reads any event stream. A POST is sent once: an error status, a broken network or a response that
// ends before `done` throws a LinkError, so that an incomplete answer is never mistaken for a complete one.
export async function ask(url: string, question: string, signal: AbortSignal): Promise<string> {
  const link = createLink(url, {
    format: 'plain',
    body: JSON.stringify({ question }),
    headers: { 'content-type': 'application/json' },
  })
  let answerText = ''
  for await (const { event, data } of link.subscribe(answer, { signal })) {
    if (event === 'message') answerText += data
  }
  return answerText
}
