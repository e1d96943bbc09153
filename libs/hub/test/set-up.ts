/** A hub whose time a test turns by hand. */
import { createHub, type SubscribeRequest } from '../src/hub.ts'
import { createMemoryLog } from '../src/log/memory-log.ts'
import type { HubOptions } from '../src/options.ts'
import { createTestClock } from './clock.ts'
import { createTestSink } from './sink.ts'

export function setUp(options: HubOptions = {}) {
  const clock = createTestClock()
  const log = createMemoryLog({ epoch: 'e', now: () => clock.now() })
  const hub = createHub({ clock, log, ...options })
  return { clock, hub, open }

  /** Subscribes and waits until the subscriber is up to date. */
  async function open(request: Omit<SubscribeRequest, 'sink'>) {
    const sink = createTestSink()
    const subscription = hub.subscribe({ sink, ...request })
    await settle()
    return { sink, subscription }
  }
}

/** Lets everything that waits for nothing but its turn have it. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 200; i++) await Promise.resolve()
}
