import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { scriptedPage } from '../../../test/scripted-page.ts'

const panel = page.getByRole('region', { name: 'System', exact: true })

beforeEach(() => localStorage.clear())
afterEach(() => vi.useRealTimers())

test('shows meters for CPU and memory', async () => {
  const { link } = await scriptedPage()
  link.live()
  link.stats(41.23, 68.4)
  await expect
    .element(page.getByRole('meter', { name: 'CPU' }))
    .toHaveAttribute('aria-valuenow', '41.23')
  await expect
    .element(page.getByRole('meter', { name: 'Memory' }))
    .toHaveAttribute('aria-valuetext', '68.4%, 11,206 of 16,384 MB')
  await expect.element(panel).toHaveTextContent('11,206 of 16,384 MB')
})

test('keeps the range in the address', async () => {
  await scriptedPage()
  await page.getByRole('button', { name: '15 min' }).click()
  expect(new URLSearchParams(location.search).get('range')).toBe('15')
  await page.getByRole('button', { name: '5 min', exact: true }).click()
  expect(new URLSearchParams(location.search).has('range')).toBe(false)
})

test('shows the values of the chart by keyboard and as a table', async () => {
  const { link } = await scriptedPage()
  link.live()
  vi.setSystemTime(new Date(2026, 10, 22, 14, 0, 0))
  link.stats(40)
  vi.setSystemTime(new Date(2026, 10, 22, 14, 0, 1))
  link.stats(60)
  const chart = page.getByRole('group', { name: /CPU and memory/ })
  await expect.poll(() => chart.element().querySelector('canvas')).not.toBeNull()
  chart.element().focus()
  await userEvent.keyboard('{End}')
  await expect.element(chart).toHaveTextContent('14:00:01, CPU 60.0%, memory 50.0%')
  await userEvent.keyboard('{ArrowLeft}')
  await expect.element(chart).toHaveTextContent('14:00:00, CPU 40.0%')
  await panel.getByRole('button', { name: 'Show as table' }).click()
  await expect.element(page.getByRole('cell', { name: '60.0%' })).toBeVisible()
})
