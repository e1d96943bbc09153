import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { scriptedPage } from './scripted-page.fixture.ts'

const panel = (name: string) => page.getByRole('region', { name, exact: true })

beforeEach(() => localStorage.clear())
afterEach(() => vi.useRealTimers())

describe('the clock', () => {
  test('shows the time that the server sent', async () => {
    const { link } = await scriptedPage()
    link.live()
    link.tick('14:27:41')
    await expect.element(panel('Clock')).toHaveTextContent('14:27:41')
  })

  test('counts the seconds that never came', async () => {
    const { link } = await scriptedPage()
    link.live()
    for (const text of ['14:27:41', '14:27:42', '14:27:45']) link.tick(text)
    await expect.element(panel('Clock')).toHaveTextContent('2 of 5 ticks')
    await expect
      .element(page.getByRole('img', { name: '3 of the last 5 ticks arrived' }))
      .toBeVisible()
  })

  test('says that one of two clocks is wrong when they are hours apart', async () => {
    const { dashboard, link } = await scriptedPage()
    link.live()
    link.tick('14:27:41')
    dashboard.connection.offset = { offsetMs: -7_500_000, roundTripMs: 4 }
    await expect.element(panel('Clock')).toHaveTextContent('2 h 5 min behind: one clock is wrong')
  })
})

describe('the system', () => {
  test('shows both meters with their numbers', async () => {
    const { link } = await scriptedPage()
    link.live()
    link.stats(41.23, 68.4)
    await expect
      .element(page.getByRole('meter', { name: 'CPU' }))
      .toHaveAttribute('aria-valuenow', '41.23')
    await expect
      .element(page.getByRole('meter', { name: 'Memory' }))
      .toHaveAttribute('aria-valuetext', '68.4%, 11,206 of 16,384 MB')
    await expect.element(panel('System')).toHaveTextContent('11,206 of 16,384 MB')
  })

  test('keeps its range in the address', async () => {
    await scriptedPage()
    await page.getByRole('button', { name: '15 min' }).click()
    expect(new URLSearchParams(location.search).get('range')).toBe('15')
    await page.getByRole('button', { name: '5 min', exact: true }).click()
    expect(new URLSearchParams(location.search).has('range')).toBe(false)
  })

  test('reads its chart by keyboard and as a table', async () => {
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
    await panel('System').getByRole('button', { name: 'Show as table' }).click()
    await expect.element(page.getByRole('cell', { name: '60.0%' })).toBeVisible()
  })
})

describe('on a phone a chip for each panel', () => {
  const chips = page.getByRole('navigation', { name: 'Panels' })

  beforeEach(() => page.viewport(390, 400))
  afterEach(async () => {
    document.body.style.paddingTop = ''
    await page.viewport(1280, 900)
  })

  test('leads to it, and the last one that starts above the line is marked', async () => {
    await scriptedPage()
    for (const name of ['Stocks', 'System', 'Training', 'Clock']) {
      await chips.getByRole('link', { name }).click()
      await expect.poll(markedChips).toEqual([name])
    }
  })

  test('is marked for the first panel where none starts above the line', async () => {
    document.body.style.paddingTop = '100vh'
    await scriptedPage()
    await chips.getByRole('link', { name: 'Stocks' }).click()
    await expect.poll(markedChips).toEqual(['Stocks'])
    scrollTo(0, 0)
    await expect.poll(markedChips).toEqual(['Clock'])
  })

  function markedChips() {
    return [...document.querySelectorAll('nav[aria-label="Panels"] [aria-current="location"]')].map(
      ({ textContent }) => textContent,
    )
  }
})

describe('the charts', () => {
  test('point at the moment that is read on one of them', async () => {
    const { link } = await scriptedPage()
    link.live()
    await page.getByRole('button', { name: 'Start training' }).click()
    await expect.poll(() => link.topics).toContain('training/run-1')
    // What comes at once after a connection says nothing about when it was made; here nothing was held.
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

describe('stocks', () => {
  test('show dashes before the first price, then price, sign, change and percentage', async () => {
    const { link } = await scriptedPage()
    link.live()
    const card = page.getByRole('article', { name: 'AAPL' })
    await expect.element(card).toHaveTextContent('--.--')
    link.price('AAPL', 150.42, 0.42)
    await expect.element(card).toHaveTextContent('$150.42')
    await expect.element(card).toHaveTextContent('+0.42 (+0.28%)')
    await expect.element(page.getByRole('article', { name: 'MSFT' })).toHaveTextContent('--.--')
  })

  test('are green up and red down, and the other way round where the reader likes', async () => {
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

  test('of a fall carry a true minus', async () => {
    const { link } = await scriptedPage()
    link.live()
    link.price('GOOGL', 2798.87, -1.13)
    await expect
      .element(page.getByRole('article', { name: 'GOOGL' }))
      .toHaveTextContent('\u22121.13 (\u22120.04%)')
  })
})

describe('data that breaks its contract', () => {
  test('is left out, and the panel says so and lives on', async () => {
    const { link } = await scriptedPage()
    link.live()
    link.emit('system-stats', 'message', { cpu_percent: 'a lot' })
    await expect.element(panel('System')).toHaveTextContent('1 event could not be read')
    link.stats(12)
    await expect.element(panel('System')).toHaveTextContent('12.0%')
  })

  test('and is hostile is shown as text', async () => {
    const { link } = await scriptedPage('?drawer=1')
    link.live()
    const hostile = '<img src=x onerror="document.title=\'owned\'">'
    link.emit('stocks', 'AAPL', { symbol: hostile, price: 1, change: 0 })
    link.emit('time', 'message', hostile)
    link.emit('stocks', hostile, { symbol: hostile })
    link.become({
      state: 'failed',
      error: Object.assign(new Error(hostile), { code: 'refused' }) as never,
    })
    await expect.element(panel('Stocks')).toHaveTextContent(hostile)
    await expect.element(page.getByRole('listbox', { name: /Events/ })).toHaveTextContent(hostile)
    expect(document.querySelector('img')).toBeNull()
    expect(document.title).not.toBe('owned')
  })
})

test('leaving the page closes the connection and stops every timer', async () => {
  const scripted = await scriptedPage()
  const { link } = scripted
  link.live()
  await scripted.unmount()
  expect(link.closed).toBe(1)
  expect(link.topics).toEqual([])
})

test('a thousand events in one tick are drawn at most three times', async () => {
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
