import { eventLogTests } from '@downlink/hub/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryDirectory } from '../test/directory.ts'
import { createLmdbLog } from './lmdb-log.ts'

describe.each(['always', 'interval'] as const)('durability %s', (durability) => {
  eventLogTests(
    { test, expect },
    async (limits) => {
      let nowMs = 0
      const path = temporaryDirectory()
      const open = () =>
        createLmdbLog({ path, durability, ...limits, system: { monotonic: () => nowMs } })
      let log = await open()
      onTestFinished(() => log.close())
      return {
        log,
        pass: (ms) => void (nowMs += ms),
        async reopen() {
          await log.close()
          log = await open()
          return log
        },
      }
    },
    { durable: true, shared: false },
  )
})
