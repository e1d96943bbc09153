// The outline of a small line chart, as SVG path data in a box of its own.

export interface Outline {
  readonly line: string
  readonly area: string
}

/** Values from left to right across `width`, from the lowest at the bottom to the highest at the top. */
export function outline(values: readonly number[], width: number, height: number): Outline | null {
  if (values.length < 2) return null
  const lowest = Math.min(...values)
  const highest = Math.max(...values)
  const inset = 2
  const step = width / (values.length - 1)
  const y = (value: number) =>
    highest === lowest
      ? height / 2
      : inset + (height - 2 * inset) * (1 - (value - lowest) / (highest - lowest))
  const points = values.map((value, index) => `${round(index * step)} ${round(y(value))}`)
  const line = `M${points.join('L')}`
  return { line, area: `${line}L${width} ${height}L0 ${height}Z` }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
