/** The catalog of the four demos. */
import { createCatalog } from '../index.ts'
import { stocks } from './stocks.ts'
import { systemStats } from './system-stats.ts'
import { time } from './time.ts'
import { training } from './training.ts'

export const catalog = createCatalog([time, systemStats, training, stocks])
