/**
 * The table of streams. Plain routes, topics of `/events`, OpenAPI, settings, metrics and error messages derive from it.
 * To add a stream, add its contract to the protocol's catalog, its folder here, and a row.
 */
import { stocks, systemStats, time } from '@downlink/protocol/streams'
import { standing } from './standing.ts'
import { createStocks } from './stocks/source.ts'
import type { StreamEntry } from './stream-entry.ts'
import { createLimitsReader } from './system-stats/limits.ts'
import { createSystemReader } from './system-stats/reading.ts'
import { systemStatsSource } from './system-stats/source.ts'
import { timeSource } from './time/source.ts'
import { trainingEntry } from './training/index.ts'

export const streams: readonly StreamEntry[] = [
  standing({
    contract: time,
    path: '/stream-time',
    start: 'recent',
    create: ({ clock }) => ({ source: timeSource(clock) }),
  }),
  standing({
    contract: systemStats,
    path: '/system-stats',
    plainEvents: ['message'],
    start: 'recent',
    create: ({ clock, onError }) => ({
      source: systemStatsSource(
        clock,
        { stats: createSystemReader(clock), limits: createLimitsReader() },
        onError,
      ),
    }),
  }),
  trainingEntry,
  standing({
    contract: stocks,
    path: '/stream-stocks',
    // Prices do not change without subscribers, so a price of any age is the current one.
    start: 'latest',
    plainStart: 'live',
    create: createStocks,
  }),
]
