import { beforeEach, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { scriptedPage } from '../../../test/scripted-page.ts'

const panel = page.getByRole('region', { name: 'Clock', exact: true })

beforeEach(() => localStorage.clear())

test('shows the time of the server', async () => {
  const { link } = await scriptedPage()
  link.live()
  link.tick('14:27:41')
  await expect.element(panel).toHaveTextContent('14:27:41')
})

test('counts missed ticks', async () => {
  const { link } = await scriptedPage()
  link.live()
  for (const text of ['14:27:41', '14:27:42', '14:27:45']) link.tick(text)
  await expect.element(panel).toHaveTextContent('2 of 5 ticks')
  await expect
    .element(page.getByRole('img', { name: '3 of the last 5 ticks arrived' }))
    .toBeVisible()
})

test('says that a clock is wrong if the two clocks are hours apart', async () => {
  const { dashboard, link } = await scriptedPage()
  link.live()
  link.tick('14:27:41')
  dashboard.connection.offset = { offsetMs: -7_500_000, roundTripMs: 4 }
  await expect.element(panel).toHaveTextContent('2 h 5 min behind: one clock is wrong')
})
