import { beforeEach, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { scriptedPage } from '../../../test/scripted-page.ts'
import { outline } from './sparkline.ts'

beforeEach(() => localStorage.clear())

test('shows dashes before the first price, then the price and its change', async () => {
  const { link } = await scriptedPage()
  link.live()
  const card = page.getByRole('article', { name: 'AAPL' })
  await expect.element(card).toHaveTextContent('--.--')
  link.price('AAPL', 150.42, 0.42)
  await expect.element(card).toHaveTextContent('$150.42')
  await expect.element(card).toHaveTextContent('+0.42 (+0.28%)')
  await expect.element(page.getByRole('article', { name: 'MSFT' })).toHaveTextContent('--.--')
})

test('shows a rise in green and a fall in red, or the reverse if the reader prefers', async () => {
  const { dashboard, link } = await scriptedPage()
  link.live()
  link.price('AAPL', 150.42, 0.42)
  link.price('MSFT', 299.5, -0.5)
  const colour = (symbol: string) => {
    const change = page.getByRole('article', { name: symbol }).element().querySelector('.change')
    return change ? getComputedStyle(change).color : ''
  }
  await expect.poll(() => colour('AAPL')).toBe('rgb(11, 122, 62)')
  expect(colour('MSFT')).toBe('rgb(192, 38, 45)')
  dashboard.preferences.choose({ colours: 'red-up' })
  await expect.poll(() => colour('AAPL')).toBe('rgb(192, 38, 45)')
})

test('shows a fall with a minus sign, not a hyphen', async () => {
  const { link } = await scriptedPage()
  link.live()
  link.price('GOOGL', 2798.87, -1.13)
  await expect
    .element(page.getByRole('article', { name: 'GOOGL' }))
    .toHaveTextContent('\u22121.13 (\u22120.04%)')
})

test('a sparkline fills its box, and needs two values', () => {
  expect(outline([1], 100, 40)).toBeNull()
  expect(outline([1, 3, 2], 100, 40)?.line).toBe('M0 38L50 2L100 20')
  expect(outline([5, 5], 100, 40)?.line).toBe('M0 20L100 20')
})
