/** Tests for implementations of the hub's interfaces. */
export { eventLogTests } from './event-log-tests.ts'
export type { EventLogCapabilities } from './event-log-tests.ts'
export type { CreateLog, LogFixture, LogTestLimits } from './log-fixture.ts'
export type { TestRunner } from './test-runner.ts'
