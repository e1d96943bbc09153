import { ARTICLE, expect, test } from './test.ts'

test.describe("the article's pages, unchanged, from their own origin", () => {
  test('the clock shows the time of the server and moves on', async ({ page }) => {
    await page.goto(`${ARTICLE}/clock.html`)
    const time = page.locator('#time')
    await expect(time).toHaveText(/^The time is ([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/)
    const first = await time.textContent()
    await expect(time).not.toHaveText(first ?? '')
  })

  test('the system monitor shows percentages and megabytes', async ({ page }) => {
    await page.goto(`${ARTICLE}/system.html`)
    await expect(page.locator('#cpu')).toHaveText(/^\d{1,3}(\.\d+)?%$/)
    await expect(page.locator('#memory')).toHaveText(/^\d{1,3}(\.\d+)?%$/)
    const used = Number(await page.locator('#used').textContent())
    const total = Number(await page.locator('#total').textContent())
    expect(used).toBeGreaterThan(0)
    expect(total).toBeGreaterThan(used)
  })

  test('the stocks arrive under the names of their symbols', async ({ page }) => {
    await page.goto(`${ARTICLE}/stocks.html`)
    for (const symbol of ['AAPL', 'GOOGL', 'MSFT']) {
      await expect(page.locator(`#${symbol}`)).toHaveText(
        new RegExp(`^${symbol} \\d+(\\.\\d{1,2})? [+-]\\d(\\.\\d{1,2})?$`),
        { timeout: 20_000 },
      )
    }
  })

  test('a page from another origin is not let in', async ({ page, articlePort }) => {
    await page.goto(`http://127.0.0.1:${articlePort}/clock.html`)
    const refused = page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const source = new EventSource('http://localhost:8000/stream-time')
          source.onopen = () => resolve('open')
          source.onerror = () => resolve(`error, readyState ${source.readyState}`)
        }),
    )
    expect(await refused).toMatch(/^error/)
  })
})
