import { expect, it } from 'vitest'
import { ENTRIES, measure } from './size.mjs'

it.each(ENTRIES)('$title is at most $limit bytes gzipped', async (entry) => {
  const { now, later } = await measure(entry.code)
  expect(now).toBeGreaterThan(0)
  expect(now).toBeLessThanOrEqual(entry.limit)
  const bounds = entry.later ?? {}
  expect(Object.keys(later).sort()).toEqual(Object.keys(bounds).sort())
  for (const [chunk, bytes] of Object.entries(later)) {
    expect(bytes).toBeLessThanOrEqual(bounds[chunk] ?? 0)
  }
})
