import { expect, test } from 'vitest'
import { Crosshair, nearestRow } from './crosshair.svelte.ts'

const system = {}
const loss = {}

test('the moment read on one chart is marked on the others until the reader leaves', () => {
  const crosshair = new Crosshair()
  crosshair.move(system, 5000)
  expect(crosshair.elsewhere(loss)).toBe(5000)
  expect(crosshair.elsewhere(system)).toBeNull()
  crosshair.move(loss, null)
  expect(crosshair.at).toBe(5000)
  crosshair.move(system, null)
  expect(crosshair.at).toBeNull()
})

test('a row without a time marks nothing', () => {
  const crosshair = new Crosshair()
  crosshair.move(loss, 5000)
  crosshair.move(loss, Number.NaN)
  expect(crosshair.at).toBeNull()
})

test('the nearest row is found among rows without a time, but not if it is far away', () => {
  const times = [Number.NaN, 1000, 2000, Number.NaN, 9000]
  const nearest = (at: number) => nearestRow(times.length, (row) => times[row] ?? 0, at)
  expect(nearest(1600)).toBe(2)
  expect(nearest(8800)).toBe(4)
  expect(nearest(5500)).toBeNull()
})
