// Sixty marks around a clock face, as one SVG path for each kind of mark.

export type Tick = 'arrived' | 'missed' | 'ahead'

const INNER = 46
const OUTER = 53
/** Every fifth mark is longer. */
const OUTER_FIFTH = 56
/** Computed once, not at every tick. */
const MARKS = Array.from({ length: 60 }, (_, second) => mark(second))

/** Path data of the ticks of one kind. `ticks[0]` is at the top. */
export function ringPath(ticks: readonly Tick[], kind: Tick): string {
  return ticks.map((tick, second) => (tick === kind ? MARKS[second] : '')).join('')
}

/** Path data of a clock hand from the centre. `turns` is its position as part of the circle: 0.25 points right. */
export function handPath(turns: number, length: number): string {
  const [x, y] = polar(turns, length)
  return `M0 0L${x} ${y}`
}

function mark(second: number): string {
  const [x1, y1] = polar(second / 60, INNER)
  const [x2, y2] = polar(second / 60, second % 5 === 0 ? OUTER_FIFTH : OUTER)
  return `M${x1} ${y1}L${x2} ${y2}`
}

function polar(turns: number, radius: number): [number, number] {
  const angle = turns * 2 * Math.PI
  return [round(Math.sin(angle) * radius), round(-Math.cos(angle) * radius)]
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
