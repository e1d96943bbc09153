/** The conformance suite of event logs: every rule of `EventLog` as a test. */
import { appendTests } from './append-tests.ts'
import { durableTests } from './durable-tests.ts'
import { leaseTests } from './lease-tests.ts'
import type { CreateLog } from './log-fixture.ts'
import { readTests } from './read-tests.ts'
import { retentionTests } from './retention-tests.ts'
import { sharedTests } from './shared-tests.ts'
import type { TestRunner } from './test-runner.ts'

export interface EventLogCapabilities {
  /** The log survives its process: `LogFixture.reopen`. */
  readonly durable: boolean
  /** Several instances share one store: `LogFixture.another`. */
  readonly shared: boolean
}

/** Registers the tests. Only the two capabilities are optional. */
export function eventLogTests(
  runner: TestRunner,
  createLog: CreateLog,
  { durable, shared }: EventLogCapabilities,
): void {
  appendTests(runner, createLog)
  readTests(runner, createLog)
  retentionTests(runner, createLog)
  leaseTests(runner, createLog)
  if (durable) durableTests(runner, createLog)
  if (shared) sharedTests(runner, createLog)
}
