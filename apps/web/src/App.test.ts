import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { scriptedPage } from '../test/scripted-page.ts'

const panel = (name: string) => page.getByRole('region', { name, exact: true })

beforeEach(() => localStorage.clear())
afterEach(() => vi.useRealTimers())

describe('on a phone, the link to a panel', () => {
  const links = page.getByRole('navigation', { name: 'Panels' })

  beforeEach(() => page.viewport(390, 400))
  afterEach(async () => {
    document.body.style.paddingTop = ''
    await page.viewport(1280, 900)
  })

  test('moves to the panel, and the last panel that starts above the line is marked', async () => {
    await scriptedPage()
    for (const name of ['Stocks', 'System', 'Training', 'Clock']) {
      await links.getByRole('link', { name }).click()
      await expect.poll(markedLinks).toEqual([name])
    }
  })

  test('is marked for the first panel if no panel starts above the line', async () => {
    document.body.style.paddingTop = '100vh'
    await scriptedPage()
    await links.getByRole('link', { name: 'Stocks' }).click()
    await expect.poll(markedLinks).toEqual(['Stocks'])
    scrollTo(0, 0)
    await expect.poll(markedLinks).toEqual(['Clock'])
  })

  function markedLinks() {
    return [...document.querySelectorAll('nav[aria-label="Panels"] [aria-current="location"]')].map(
      ({ textContent }) => textContent,
    )
  }
})

describe('the charts', () => {
  test('mark the moment that is read on one of them', async () => {
    const { link } = await scriptedPage()
    link.live()
    await page.getByRole('button', { name: 'Start training' }).click()
    await expect.poll(() => link.topics).toContain('training/run-1')
    const start = new Date(2026, 10, 22, 14, 0, 0).getTime()
    for (const [second, loss] of [0.9, 0.8, 0.7].entries()) {
      vi.setSystemTime(start + second * 1000)
      link.stats(40 + second)
      link.progress('run-1', 1, 10 * (second + 1), loss)
    }
    const system = page.getByRole('group', { name: /CPU and memory/ })
    const loss = page.getByRole('group', { name: /Loss by epoch/ })
    await expect.poll(() => document.querySelectorAll('canvas').length).toBe(2)
    await expect.element(panel('System')).toHaveTextContent('42.0%')
    await expect.element(panel('Training run')).toHaveTextContent('0.7000')
    system.element().focus()
    await userEvent.keyboard('{End}{ArrowLeft}')
    await expect.element(system).toHaveTextContent('14:00:01, CPU 41.0%')
    await expect.element(loss).toHaveTextContent('epoch 0.20, loss 0.8000')
    await userEvent.keyboard('{Escape}')
    await expect.element(loss).not.toHaveTextContent('epoch 0.20')
    loss.element().focus()
    await userEvent.keyboard('{Home}')
    await expect.element(system).toHaveTextContent('14:00:00, CPU 40.0%')
  })
})

describe('an event that breaks its contract', () => {
  test('is left out and reported, and the panel continues', async () => {
    const { link } = await scriptedPage()
    link.live()
    link.emit('system-stats', 'message', { cpu_percent: 'a lot' })
    await expect.element(panel('System')).toHaveTextContent('1 event could not be read')
    link.stats(12)
    await expect.element(panel('System')).toHaveTextContent('12.0%')
  })

  test('is shown as text, even if it contains HTML', async () => {
    const { link } = await scriptedPage('?drawer=1')
    link.live()
    const hostile = '<img src=x onerror="document.title=\'owned\'">'
    link.emit('stocks', 'AAPL', { symbol: hostile, price: 1, change: 0 })
    link.emit('time', 'message', hostile)
    link.emit('stocks', hostile, { symbol: hostile })
    link.fail(hostile, { code: 'refused' })
    await expect.element(panel('Stocks')).toHaveTextContent(hostile)
    await expect.element(page.getByRole('listbox', { name: /Events/ })).toHaveTextContent(hostile)
    expect(document.querySelector('img')).toBeNull()
    expect(document.title).not.toBe('owned')
  })
})

test('leaving the page closes the connection', async () => {
  const scripted = await scriptedPage()
  const { link } = scripted
  link.live()
  await scripted.unmount()
  expect(link.closed).toBe(1)
  expect(link.topics).toEqual([])
})

test('1,000 events in one tick are drawn at most three times', async () => {
  const { link } = await scriptedPage()
  link.live()
  link.stats(1)
  await expect.element(panel('System')).toHaveTextContent('1.0%')
  let renders = 0
  const observer = new MutationObserver(() => (renders += 1))
  observer.observe(document.body, { subtree: true, childList: true, characterData: true })
  for (let i = 0; i < 250; i += 1) {
    link.stats(i % 100)
    link.price('AAPL', 150 + i, 1)
    link.price('MSFT', 300 + i, 1)
    link.price('GOOGL', 2800 + i, 1)
  }
  await expect.element(page.getByRole('article', { name: 'AAPL' })).toHaveTextContent('$399.00')
  observer.disconnect()
  expect(renders).toBeGreaterThan(0)
  expect(renders).toBeLessThanOrEqual(3)
})
