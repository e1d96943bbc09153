import { expect, it } from 'vitest'
import { ENTRIES, measure } from './size.mjs'

it.each(ENTRIES)('$title is at most $limit bytes gzipped', async (entry) => {
  const { now, later } = await measure(entry.code)
  expect(now).toBeGreaterThan(0)
  expect(now).toBeLessThanOrEqual(entry.limit)
  if (entry.laterLimit === undefined) expect(later).toBe(0)
  else {
    expect(later).toBeGreaterThan(0)
    expect(later).toBeLessThanOrEqual(entry.laterLimit)
  }
})
