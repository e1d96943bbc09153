import { expect, it } from 'vitest'
import { currentSizes, MAX_GROWTH, recordedSizes } from './size.mjs'

it('no bundle is more than 10 % larger than recorded; node tools/size.mjs --update records new sizes', async () => {
  const recorded = recordedSizes()
  const sizes = await currentSizes()
  expect(Object.keys(sizes).sort()).toEqual(Object.keys(recorded).sort())
  const grown = Object.entries(sizes).filter(
    ([title, bytes]) => bytes > (recorded[title] ?? 0) * MAX_GROWTH,
  )
  expect(grown).toEqual([])
})
