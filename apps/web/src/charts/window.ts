// A period of a ring as columns for a plot, with holes where no event was received.
import type { Ring } from './ring.ts'

export interface Hole {
  readonly from: number
  readonly to: number
}

export interface Window {
  /** The first column in seconds, then the others. A row of nulls interrupts the lines at a hole. */
  readonly columns: [number[], ...(number | null)[][]]
  readonly holes: readonly Hole[]
}

/**
 * The rows of `ring` from `from` to `to`; its first column is a time in ms. Between two rows more than `holeMs` apart
 * stands a row of nulls, because a plot would connect them with a line.
 */
export function windowOf(
  ring: Ring,
  width: number,
  from: number,
  to: number,
  holeMs: number,
): Window {
  const columns: Window['columns'] = [[], ...Array.from({ length: width - 1 }, () => [])]
  const [seconds, ...rest] = columns
  const holes: Hole[] = []
  // Starts one row before the period, so that the line begins at the edge of the plot.
  for (let i = Math.max(0, ring.firstAtLeast(from) - 1); i < ring.length; i += 1) {
    const at = ring.at(i, 0)
    if (at > to) break
    const before = (seconds.at(-1) ?? Number.POSITIVE_INFINITY) * 1000
    if (at - before > holeMs) {
      holes.push({ from: before, to: at })
      seconds.push((before + at) / 2000)
      for (const column of rest) column.push(null)
    }
    seconds.push(at / 1000)
    rest.forEach((column, index) => column.push(ring.at(i, index + 1)))
  }
  return { columns, holes }
}

export interface Summary {
  readonly average: number
  readonly highest: number
}

/** Average and maximum of a column over a period; null without rows. */
export function summarize(ring: Ring, column: number, from: number, to: number): Summary | null {
  let sum = 0
  let count = 0
  let highest = Number.NEGATIVE_INFINITY
  for (let i = ring.firstAtLeast(from); i < ring.length && ring.at(i, 0) <= to; i += 1) {
    const value = ring.at(i, column)
    sum += value
    count += 1
    if (value > highest) highest = value
  }
  return count === 0 ? null : { average: sum / count, highest }
}
