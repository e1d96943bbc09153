import { expect, test } from 'vitest'
import { createLink } from './link/link.ts'
import type { LinkOptions } from './options.ts'

const URL_OF_LINK = 'http://127.0.0.1:1/events'

test.each([
  ['an invalid URL', { url: 'nowhere' }],
  ['a negative time', { options: { retryMs: -1 } }],
  ['a time that is not a number', { options: { heartbeatMs: NaN } }],
  ['a body that can be sent only once', { options: { body: new ReadableStream() as never } }],
  ['a URL with a password', { url: 'http://user:password@127.0.0.1/' }],
  ['GET with a body', { options: { method: 'GET', body: 'x' } }],
  ['a method that is invalid in HTTP', { options: { method: 'A B' } }],
  ['a header name that is invalid in HTTP', { options: { headers: { 'a b': 'x' } } }],
])(
  '%s is rejected by createLink',
  (
    _name,
    {
      url = URL_OF_LINK,
      options = {},
    }: {
      url?: string
      options?: LinkOptions
    },
  ) => {
    expect(() => createLink(url, options)).toThrow(expect.objectContaining({ code: 'bad-option' }))
  },
)

test.each([
  ['the times', { heartbeatMs: -1 }, /heartbeatMs must be 0 or more. Correct/],
  ['what to do', { body: new ReadableStream() as never }, /pass a function that creates one/],
])('the error names %s', (_name, options, message) => {
  expect(() => createLink(URL_OF_LINK, options)).toThrow(message)
})
