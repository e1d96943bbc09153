/** A hub with a clock that a test advances manually. */
import { createHub } from '../src/hub.ts'
import { createMemoryLog } from '../src/log/memory-log.ts'
import type { HubOptions } from '../src/options.ts'
import type { SubscribeRequest } from '../src/subscription.ts'
import { createTestClock } from './clock.ts'
import { createTestSink } from './sink.ts'

export function setUp(options: HubOptions = {}) {
  const clock = createTestClock()
  const log = createMemoryLog({ epoch: 'e', now: () => clock.now() })
  const hub = createHub({ clock, afterTick: clock.afterTick, log, ...options })
  return { clock, hub, open }

  /** Subscribes and waits for the catch-up, as far as it needs no later tick. */
  async function open(request: Omit<SubscribeRequest, 'sink'>) {
    const sink = createTestSink()
    const subscription = hub.subscribe({ sink, ...request })
    await settle()
    return { sink, subscription }
  }
}

/** Runs pending promise callbacks, and those that they schedule. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 200; i++) await Promise.resolve()
}
