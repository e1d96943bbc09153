// The streams that the page shows, in the order of their panels. The layout, links, shortcuts, filters and colours of the
// page derive from this table.
import type { StreamPanel } from '../panel/stream-panel.ts'
import { stocksPanel } from './stocks/index.ts'
import { systemStatsPanel } from './system-stats/index.ts'
import { timePanel } from './time/index.ts'
import { trainingPanel } from './training/index.ts'

export const streams: readonly StreamPanel[] = [
  timePanel,
  systemStatsPanel,
  trainingPanel,
  stocksPanel,
]
