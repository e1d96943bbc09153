// Stacked bars of events a second, as one SVG path for each topic.
import type { Row } from './events/row.ts'

export const SECONDS = 40
const TOPICS = ['time', 'system-stats', 'stocks', 'training'] as const
const HEIGHT = 34
const STEP = 5
const BAR = 4

export interface RatePaths {
  readonly topics: readonly { readonly topic: string; readonly d: string }[]
  readonly label: string
}

/** From rows, newest first, as seen in the second `end` (whole seconds since 1970). */
export function ratePaths(rows: readonly Row[], end: number): RatePaths {
  const counts = TOPICS.map(() => new Array<number>(SECONDS).fill(0))
  for (const row of rows) {
    const age = end - Math.floor(row.entry.at / 1000)
    if (age > SECONDS) break
    const topic = TOPICS.findIndex((name) => row.topic === name || row.topic.startsWith(`${name}/`))
    const slots = counts[topic]
    const slot = SECONDS - age
    if (row.kind === 'event' && slots && slot < SECONDS) slots[slot] = (slots[slot] ?? 0) + 1
  }
  const sums = Array.from({ length: SECONDS }, (_, i) => sum(counts.map((of) => of[i] ?? 0)))
  const scale = HEIGHT / Math.max(1, ...sums)
  const stacked = new Array<number>(SECONDS).fill(HEIGHT)
  const topics = TOPICS.map((topic, index) => {
    const d = (counts[index] ?? []).map((count, slot) => {
      if (count === 0) return ''
      const tall = count * scale
      const foot = stacked[slot] ?? HEIGHT
      stacked[slot] = foot - tall
      return `M${slot * STEP} ${foot.toFixed(1)}v${(-tall).toFixed(1)}h${BAR}v${tall.toFixed(1)}z`
    })
    return { topic, d: d.join('') }
  })
  const totals = TOPICS.map((topic, index) => `${topic} ${sum(counts[index] ?? [])}`)
  return { topics, label: `Events of the last ${SECONDS} seconds: ${totals.join(', ')}` }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
