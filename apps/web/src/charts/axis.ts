// The looks that all axes share; each chart says only what is its own.
import type uPlot from 'uplot'
import { colour } from './colours.ts'

export function axis(own: uPlot.Axis): uPlot.Axis {
  return {
    stroke: () => colour('muted'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: () => colour('grid'), width: 1 },
    ticks: { show: false },
    gap: 6,
    ...own,
  }
}
