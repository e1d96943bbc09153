import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFifo } from './fifo.ts'

test('a fifo returns the same as an array after any pushes and shifts', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.nat() },
    { weight: 2, arbitrary: fc.constant('shift') },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const fifo = createFifo<number>()
      const model: number[] = []
      for (const one of steps) {
        if (typeof one === 'number') {
          fifo.push(one)
          model.push(one)
        } else expect(fifo.shift()).toBe(model.shift())
        expect(fifo.length).toBe(model.length)
        expect(fifo.at(0)).toBe(model[0])
        expect(fifo.at(model.length - 1)).toBe(model.at(-1))
      }
    }),
    { numRuns: 50 },
  )
})
