import { beforeEach, describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { checkState, states } from '../test/page-states.ts'
import { scriptedPage } from '../test/scripted-page.ts'

beforeEach(() => {
  localStorage.clear()
  history.replaceState(null, '', location.pathname)
  document.documentElement.lang = 'en'
})

describe('axe finds nothing at one width and nothing overflows at three, in both themes, in the state', () => {
  test.each(Object.keys(states))('%s', (name) => checkState(name, [390]))
})

test('wraps text from the peer that has no spaces', async () => {
  await page.viewport(320, 900)
  const { link } = await scriptedPage()
  link.live()
  const endless = 'a'.repeat(400)
  link.emit('stocks', 'AAPL', { [endless]: endless, symbol: endless })
  link.fail(endless, { code: 'refused' })
  const stocks = page.getByRole('region', { name: 'Stocks' })
  await expect.element(stocks).toHaveTextContent(endless)
  await expect.element(stocks).toHaveTextContent('could not be read')
  for (const text of stocks.element().querySelectorAll('p')) {
    expect(text.scrollWidth).toBeLessThanOrEqual(320)
  }
})

test('shortcuts can be switched off, and are ignored while the reader types', async () => {
  await page.viewport(1280, 900)
  const { dashboard } = await scriptedPage('?drawer=1')
  const filter = page.getByRole('searchbox', { name: 'Filter events' })
  await filter.click()
  await userEvent.keyboard('p')
  expect(dashboard.allPaused).toBe(false)
  await expect.element(filter).toHaveValue('p')
  await userEvent.keyboard('{Escape}')
  await expect.element(page.getByRole('listbox')).not.toBeInTheDocument()
  await userEvent.keyboard('p')
  await expect.poll(() => dashboard.allPaused).toBe(true)
  dashboard.preferences.choose({ shortcuts: false })
  await userEvent.keyboard('p')
  expect(dashboard.allPaused).toBe(true)
})

test('the number keys move the focus to the panels', async () => {
  await page.viewport(1280, 900)
  await scriptedPage()
  for (const [key, name] of [
    ['2', 'System'],
    ['4', 'Stocks'],
  ] as const) {
    await userEvent.keyboard(key)
    await expect.element(page.getByRole('region', { name, exact: true })).toHaveFocus()
  }
})
