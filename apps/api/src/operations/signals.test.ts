import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { stopOnSignals } from './signals.ts'

function setUp(repeatMs: number) {
  const source = new EventEmitter()
  const exits: number[] = []
  const windows: (number | undefined)[] = []
  let finish: () => void = () => undefined
  let nowMs = 5_000
  stopOnSignals({
    source,
    close: (windowMs) => {
      windows.push(windowMs)
      return new Promise((resolve) => (finish = resolve))
    },
    exit: (code) => void exits.push(code),
    now: () => nowMs,
    repeatMs,
  })
  return {
    exits,
    windows,
    closed: () => finish(),
    send: (signal: string, afterMs = 0) => {
      nowMs += afterMs
      source.emit(signal)
    },
  }
}

test.each([
  ['SIGTERM', undefined],
  ['SIGHUP', undefined],
  ['SIGINT', 0],
])('%s closes the server and exits with 0 when it is closed', async (signal, windowMs) => {
  const { send, closed, exits, windows } = setUp(0)
  send(signal)
  expect(windows).toEqual([windowMs])
  expect(exits).toEqual([])
  closed()
  await expect.poll(() => exits).toEqual([0])
})

test.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGINT', 130],
])('a second %s exits at once', (signal, code) => {
  const { send, exits, windows } = setUp(0)
  send(signal)
  send(signal)
  expect(exits).toEqual([code])
  expect(windows).toHaveLength(1)
})

test.each(['SIGTERM', 'SIGHUP', 'SIGINT'])(
  '%s twice within the repeat time counts once, and exits at once after it',
  (signal) => {
    const { send, exits, windows } = setUp(1_000)
    send(signal)
    send(signal, 999)
    expect(exits).toEqual([])
    expect(windows).toHaveLength(1)
    send(signal, 1)
    expect(exits).toHaveLength(1)
  },
)

test('a different second signal exits at once, also within the repeat time', () => {
  const { send, exits } = setUp(1_000)
  send('SIGTERM')
  send('SIGINT')
  expect(exits).toEqual([130])
})
