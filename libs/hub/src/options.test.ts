/** The ranges of the options. */
import { expect, test } from 'vitest'
import { createHub } from './hub.ts'

test('createHub throws an error that names an option outside its range', () => {
  for (const option of ['heartbeatMs', 'maxLifetimeMs', 'maxEventBytes'] as const) {
    expect(() => createHub({ [option]: 0 })).toThrow(option)
  }
  expect(() => createHub({ maxQueuedBytes: NaN })).toThrow('maxQueuedBytes')
})
