/** The contracts of the demos and their catalog: `@downlink/protocol/streams`. */
import { createCatalog } from '../index.ts'
import { stocks } from './stocks.ts'
import { systemStats } from './system-stats.ts'
import { time } from './time.ts'
import { training } from './training.ts'

export { jsonSchemaOf } from './json-schema.ts'
export type { StockPrice, StockSymbol } from './stocks.ts'
export type { SystemLimits, SystemStats } from './system-stats.ts'
export type { TrainingProgress } from './training.ts'
export { stocks, systemStats, time, training }

export const catalog = createCatalog([time, systemStats, training, stocks])
