import { createDecoder, encodeComment, encodeEvent } from '@downlink/protocol/sse'

/** Encodes three frames, decodes them from chunks of five characters, and returns what the decoder reported. */
export function encodeAndDecode(): string[] {
  const wire =
    encodeEvent({ event: 'add', id: 'k3-1', data: 'two\nlines' }) +
    encodeComment('beat') +
    encodeEvent({ id: 'k3-2', retry: 3000 })

  const seen: string[] = []
  const decoder = createDecoder({
    onEvent: ({ event, data, id }) => seen.push(`${event} ${id} ${JSON.stringify(data)}`),
    onRetry: (retryMs) => seen.push(`retry in ${retryMs} ms`),
    onComment: (text) => seen.push(`comment ${text}`),
  })
  for (const piece of wire.match(/[^]{1,5}/g) ?? []) decoder.push(piece)
  return [...seen, `last ${decoder.lastEventId}`]
}
