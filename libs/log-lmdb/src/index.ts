/** A durable event log for one node, on LMDB. */
export { createLmdbLog } from './lmdb-log.ts'
export type { LmdbLogOptions, LogSystem } from './lmdb-log.ts'
