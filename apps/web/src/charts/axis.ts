// The common options of all axes.
import type uPlot from 'uplot'
import { colour } from './colours.ts'

export function axis(options: uPlot.Axis): uPlot.Axis {
  return {
    stroke: () => colour('muted'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: () => colour('grid'), width: 1 },
    ticks: { show: false },
    gap: 6,
    ...options,
  }
}
