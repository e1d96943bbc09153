import { expect, test } from 'vitest'
import { createRing } from './ring.ts'
import { tableRows } from './table-rows.ts'
import { summarize, windowOf } from './window.ts'

test('a window has a hole where no row was received for too long', () => {
  const ring = createRing(10, 2)
  for (const at of [1000, 2000, 9000, 10_000]) ring.push(at, at / 100)
  const { columns, holes } = windowOf(ring, 2, 0, 10_000, 2500)
  expect(columns).toEqual([
    [1, 2, 5.5, 9, 10],
    [10, 20, null, 90, 100],
  ])
  expect(holes).toEqual([{ from: 2000, to: 9000 }])
})

test('a window starts one row before its period and ends with it', () => {
  const ring = createRing(10, 2)
  for (let at = 1000; at <= 9000; at += 1000) ring.push(at, 1)
  expect(windowOf(ring, 2, 4500, 7000, 2500).columns[0]).toEqual([4, 5, 6, 7])
})

test('average and maximum are computed over the period only', () => {
  const ring = createRing(10, 2)
  for (const [at, value] of [
    [1000, 100],
    [2000, 20],
    [3000, 40],
  ] as const) {
    ring.push(at, value)
  }
  expect(summarize(ring, 1, 1500, 3000)).toEqual({ average: 30, highest: 40 })
  expect(summarize(ring, 1, 5000, 6000)).toBeNull()
})

test('a table has at most sixty rows, evenly spaced, and none for a hole', () => {
  const rows = tableRows(600, (index) => (index === 10 ? null : [String(index)]))
  expect(rows).toHaveLength(59)
  expect(rows.slice(0, 2)).toEqual([['0'], ['20']])
  expect(tableRows(0, () => [''])).toEqual([])
})
