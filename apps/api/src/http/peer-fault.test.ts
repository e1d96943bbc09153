import { expect, test } from 'vitest'
import { isPeerFault } from './peer-fault.ts'

const withCode = (code: unknown) => Object.assign(new Error('failed'), { code })

test.each([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_HTTP_REQUEST_TIMEOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
  'HPE_INVALID_METHOD',
  'HPE_HEADER_OVERFLOW',
])('%s is a fault of the client', (code) => {
  expect(isPeerFault(withCode(code))).toBe(true)
})

test.each([withCode('ENOENT'), withCode('EMFILE'), withCode(1), new Error('HPE_'), 'EPIPE', null])(
  '%s is a fault of the server',
  (error) => {
    expect(isPeerFault(error)).toBe(false)
  },
)
