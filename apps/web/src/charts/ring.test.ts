import { expect, test } from 'vitest'
import { createRing } from './ring.ts'

test('a full ring drops its oldest row', () => {
  const ring = createRing(3, 2)
  for (const at of [1, 2, 3, 4]) ring.push(at, at * 10)
  expect(ring.length).toBe(3)
  expect([0, 1, 2].map((index) => ring.at(index, 1))).toEqual([20, 30, 40])
})

test('rows outside the ring read as NaN', () => {
  const ring = createRing(3, 2)
  ring.push(1, 10)
  expect(ring.at(1, 0)).toBeNaN()
  expect(ring.at(-1, 0)).toBeNaN()
})

test('the first row at or after a time is found across the seam', () => {
  const ring = createRing(4, 1)
  for (const at of [10, 20, 30, 40, 50, 60]) ring.push(at)
  expect(ring.firstAtLeast(45)).toBe(2)
  expect(ring.firstAtLeast(50)).toBe(2)
  expect(ring.firstAtLeast(0)).toBe(0)
  expect(ring.firstAtLeast(61)).toBe(4)
})

test('a row of another width is refused', () => {
  expect(() => createRing(3, 2).push(1)).toThrow('A row of this ring has 2 numbers.')
})

test('a cleared ring is empty and can be filled again', () => {
  const ring = createRing(2, 1)
  ring.push(1)
  ring.clear()
  expect(ring.length).toBe(0)
  ring.push(2)
  expect(ring.at(0, 0)).toBe(2)
})
