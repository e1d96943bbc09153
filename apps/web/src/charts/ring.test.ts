import { expect, test } from 'vitest'
import { createRing } from './ring.ts'

test('drops the oldest row when full', () => {
  const ring = createRing(3, 2)
  for (const at of [1, 2, 3, 4]) ring.push(at, at * 10)
  expect(ring.length).toBe(3)
  expect([0, 1, 2].map((index) => ring.at(index, 1))).toEqual([20, 30, 40])
})

test('returns NaN for an index without a row', () => {
  const ring = createRing(3, 2)
  ring.push(1, 10)
  expect(ring.at(1, 0)).toBeNaN()
  expect(ring.at(-1, 0)).toBeNaN()
})

test('finds the first row at or after a time, also after the oldest rows were dropped', () => {
  const ring = createRing(4, 1)
  for (const at of [10, 20, 30, 40, 50, 60]) ring.push(at)
  expect(ring.firstAtLeast(45)).toBe(2)
  expect(ring.firstAtLeast(50)).toBe(2)
  expect(ring.firstAtLeast(0)).toBe(0)
  expect(ring.firstAtLeast(61)).toBe(4)
})

test('rejects a row of another width', () => {
  expect(() => createRing(3, 2).push(1)).toThrow('A row of this ring has 2 numbers.')
})

test('can be filled again after clear', () => {
  const ring = createRing(2, 1)
  ring.push(1)
  ring.clear()
  expect(ring.length).toBe(0)
  ring.push(2)
  expect(ring.at(0, 0)).toBe(2)
})
