import { AxeBuilder } from '@axe-core/playwright'
import { DASHBOARD, expect, test } from './test.ts'

test.describe('the dashboard', () => {
  test('four panels are live on one connection', async ({ page }) => {
    const streams: string[] = []
    page.on('request', (request) => {
      if (request.url().includes('/events')) streams.push(request.url())
    })
    await page.goto(DASHBOARD)

    await expect(page.getByRole('group', { name: 'Connection state' })).toContainText('Live')
    const clock = page.getByRole('region', { name: 'Clock' })
    await expect(clock).toContainText(/([01]\d|2[0-3]):[0-5]\d:[0-5]\d/)
    const system = page.getByRole('region', { name: 'System' })
    await expect(system.getByRole('meter', { name: 'CPU' })).toHaveAttribute('aria-valuenow', /\d/)
    await expect(system.getByRole('meter', { name: 'Memory' })).toHaveAttribute(
      'aria-valuenow',
      /\d/,
    )
    await expect(system).toContainText(/[\d,.]+ (of|\/) [\d,.]+ MB/)
    const stocks = page.getByRole('region', { name: 'Stocks' })
    for (const symbol of ['AAPL', 'GOOGL', 'MSFT']) {
      await expect(stocks.getByRole('article', { name: symbol })).toContainText(
        /\$[\d,]+\.\d\d.*[+−±]\d+\.\d\d/s,
        { timeout: 20_000 },
      )
    }
    expect(streams).toHaveLength(1)
  })

  test('before the first price a card says so', async ({ page }) => {
    await page.route('**/events?**', (route) => route.abort())
    await page.goto(DASHBOARD)
    const stocks = page.getByRole('region', { name: 'Stocks' })
    for (const symbol of ['AAPL', 'GOOGL', 'MSFT']) {
      await expect(stocks.getByRole('article', { name: symbol })).toContainText('--.--')
    }
  })

  test('a training run that cannot start says why, and Start can be pressed again', async ({
    page,
  }) => {
    await page.goto(DASHBOARD)
    await page.route('**/training-runs', (route) =>
      route.request().method() === 'POST' ? route.abort() : route.continue(),
    )
    const panel = page.getByRole('region', { name: 'Training run' })
    await panel.getByRole('button', { name: /^Start/ }).click()
    await expect(panel).toContainText('Error')
    await page.unroute('**/training-runs')
    const again = panel.getByRole('button', { name: /^(Start|Try again)/ }).first()
    await expect(again).toBeEnabled()
    await again.click()
    await expect(panel.getByRole('progressbar', { name: 'Training progress' })).toHaveAttribute(
      'aria-valuenow',
      /[1-9]/,
    )
    await panel.getByRole('button', { name: 'Cancel' }).click()
    await expect(panel.getByRole('button', { name: /^Start/ })).toBeEnabled()
  })

  test('the API killed and back: the page says so, and goes on by itself', async ({
    page,
    api,
  }) => {
    // A slow machine takes long to start the API. Each attempt meanwhile doubles the longest wait, up to 30 s, while
    // the shortest wait stays 2 s: almost no jitter keeps the wait there.
    test.setTimeout(120_000)
    await page.addInitScript(() => {
      Math.random = () => 0.01
    })
    await page.goto(DASHBOARD)
    const state = page.getByRole('group', { name: 'Connection state' })
    await expect(state).toContainText('Live', { timeout: 30_000 })
    await api.kill()
    await expect(state).toContainText('Reconnecting', { timeout: 30_000 })
    await api.start()
    await expect(state).toContainText('Live', { timeout: 30_000 })
    const clock = page.getByRole('region', { name: 'Clock' })
    const before = await clock.textContent()
    await expect(clock).not.toHaveText(before ?? '', { timeout: 30_000 })
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390, 320]) {
      test(`${colorScheme}, ${width} px: nothing overflows and axe finds nothing`, async ({
        page,
      }) => {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await page.setViewportSize({ width, height: 900 })
        await page.goto(DASHBOARD)
        await expect(page.getByRole('group', { name: 'Connection state' })).toContainText('Live')
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        expect(overflow).toBe(0)
        const { violations } = await new AxeBuilder({ page })
          .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
          .analyze()
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.length}`)).toEqual([])
      })
    }
  }

  test('nothing on the page breaks the Content-Security-Policy', async ({ page }) => {
    const complaints: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    const response = await page.goto(DASHBOARD)
    await expect(page.getByRole('group', { name: 'Connection state' })).toContainText('Live')
    const policy = response?.headers()['content-security-policy'] ?? ''
    expect(policy).toContain("default-src 'self'")
    expect(policy).not.toContain('unsafe-inline')
    expect(complaints).toEqual([])
  })
})
