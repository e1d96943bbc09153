// The outline of a sparkline, as SVG path data.

export interface Outline {
  readonly line: string
  /** The area below the line. */
  readonly area: string
}

/** Distance of the line from the upper and lower edge. */
const INSET = 2

/**
 * The outline of `values` from left to right across `width`, with the lowest at the bottom and the highest at the top. Null
 * for fewer than two values.
 */
export function outline(values: readonly number[], width: number, height: number): Outline | null {
  if (values.length < 2) return null
  const lowest = Math.min(...values)
  const highest = Math.max(...values)
  const step = width / (values.length - 1)
  const y = (value: number) =>
    highest === lowest
      ? height / 2
      : INSET + (height - 2 * INSET) * (1 - (value - lowest) / (highest - lowest))
  const points = values.map((value, index) => `${round(index * step)} ${round(y(value))}`)
  const line = `M${points.join('L')}`
  return { line, area: `${line}L${width} ${height}L0 ${height}Z` }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
