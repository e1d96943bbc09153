import { expect, test } from 'vitest'
import { Crosshair, nearestRow } from './crosshair.svelte.ts'

const system = {}
const loss = {}

test('what is read on one chart is pointed at on the others, until its reader leaves', () => {
  const crosshair = new Crosshair()
  crosshair.point(system, 5000)
  expect(crosshair.elsewhere(loss)).toBe(5000)
  expect(crosshair.elsewhere(system)).toBeNull()
  crosshair.point(loss, null)
  expect(crosshair.at).toBe(5000)
  crosshair.point(system, null)
  expect(crosshair.at).toBeNull()
})

test('a row without a moment points at nothing', () => {
  const crosshair = new Crosshair()
  crosshair.point(loss, 5000)
  crosshair.point(loss, Number.NaN)
  expect(crosshair.at).toBeNull()
})

test('the nearest row is found among rows without a moment, and none that is far away', () => {
  const moments = [Number.NaN, 1000, 2000, Number.NaN, 9000]
  const nearest = (at: number) => nearestRow(moments.length, (row) => moments[row] ?? 0, at)
  expect(nearest(1600)).toBe(2)
  expect(nearest(8800)).toBe(4)
  expect(nearest(5500)).toBeNull()
})
