/** The contracts of the four demos: `@downlink/protocol/streams`. */
export { jsonSchemaOf } from './json-schema.ts'
export { stocks } from './stocks.ts'
export type { StockPrice, StockSymbol } from './stocks.ts'
export { systemStats } from './system-stats.ts'
export type { SystemStats } from './system-stats.ts'
export { time } from './time.ts'
export { training } from './training.ts'
export type { TrainingProgress } from './training.ts'
