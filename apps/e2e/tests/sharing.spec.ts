import type { Page } from '@playwright/test'
import type { ApiServer } from './server.ts'
import { DASHBOARD, expect, test } from './test.ts'

test.describe('a run and the tabs that watch it', () => {
  test('two tabs share one connection, and the other goes on when one is closed', async ({
    context,
    api,
  }) => {
    const before = await openStreams(api)
    const first = await context.newPage()
    await first.goto(DASHBOARD)
    await expect(stateOf(first)).toContainText('Live')
    const second = await context.newPage()
    await second.goto(DASHBOARD)
    await expect(stateOf(second)).toContainText('Live')
    await expect(second.getByRole('banner')).toContainText('shared by 2 tabs')
    await expect.poll(async () => (await openStreams(api)) - before).toBe(1)

    await first.close()
    const clock = second.getByRole('region', { name: 'Clock' }).getByText(/^\d\d:\d\d:\d\d$/)
    const shown = (await clock.textContent()) ?? ''
    await expect(clock).not.toHaveText(shown)
    await expect(stateOf(second)).toContainText('Live')
    await expect.poll(async () => (await openStreams(api)) - before).toBe(1)
    await second.close()
  })

  test('a page reloaded in mid-run goes on with the run and has its curve from the start', async ({
    page,
  }) => {
    test.setTimeout(60_000)
    await page.goto(DASHBOARD)
    const panel = page.getByRole('region', { name: 'Training run' })
    await panel.getByRole('button', { name: /^Start/ }).click()
    await expect(panel).toContainText(/2\s*\/\s*10/, { timeout: 15_000 })
    await page.reload()
    await expect(panel).toContainText(/[2-9]\s*\/\s*10/)
    await expect(panel.getByRole('button', { name: /^Start/ })).toBeDisabled()
    // The least loss of the first epoch can only be known from events before the reload.
    await panel.getByRole('button', { name: 'Show as table' }).click()
    await expect(panel.getByRole('table')).toContainText('1.0')
    await panel.getByRole('button', { name: 'Cancel' }).click()
    await expect(panel.getByRole('button', { name: /^Start/ })).toBeEnabled()
  })

  test('a run that another client cancels is shown as cancelled immediately', async ({
    page,
    api,
  }) => {
    await page.goto(DASHBOARD)
    const panel = page.getByRole('region', { name: 'Training run' })
    const started = page.waitForResponse((response) => response.request().method() === 'POST')
    await panel.getByRole('button', { name: /^Start/ }).click()
    const { location } = (await started).headers()
    await expect(page.getByRole('progressbar', { name: 'Training progress' })).toHaveAttribute(
      'aria-valuenow',
      /[1-9]/,
    )
    await fetch(`${api.url}${location}`, { method: 'DELETE' })
    await expect(panel).toContainText('Cancelled.', { timeout: 1_500 })
    await expect(panel.getByRole('button', { name: /^Start/ })).toBeEnabled()
    await expect(stateOf(page)).toContainText('Live')
  })

  test('works by keyboard alone', async ({ page }) => {
    await page.goto(DASHBOARD)
    await expect(stateOf(page)).toContainText('Live')
    await page.keyboard.press('p')
    await expect(page.getByRole('button', { name: /Resume/ }).first()).toBeVisible()
    await page.keyboard.press('p')
    await page.keyboard.press('3')
    const start = page
      .getByRole('region', { name: 'Training run' })
      .getByRole('button', { name: /^Start/ })
    for (let presses = 0; presses < 10 && !(await isFocused(start)); presses++) {
      await page.keyboard.press('Tab')
    }
    await expect(start).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(start).toBeDisabled()
    const cancel = page
      .getByRole('region', { name: 'Training run' })
      .getByRole('button', { name: 'Cancel' })
    // Until the API has answered there is no run to cancel.
    await expect(cancel).toBeEnabled()
    await expect(start).toBeDisabled()
    for (let presses = 0; presses < 30 && !(await isFocused(cancel)); presses++) {
      await page.keyboard.press('Tab')
    }
    await expect(cancel).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(start).toBeEnabled()
    await page.keyboard.press('e')
    await expect(page.getByRole('region', { name: 'Events' })).toBeVisible()
    await page.keyboard.press('e')
    await expect(page.getByRole('region', { name: 'Events' })).toBeHidden()
  })
})

function stateOf(page: Page) {
  return page.getByRole('group', { name: 'Connection state' })
}

function isFocused(locator: ReturnType<Page['locator']>): Promise<boolean> {
  return locator.evaluate((element) => element === document.activeElement)
}

/** How many streams the API holds open, by its own metrics. */
async function openStreams(api: ApiServer): Promise<number> {
  const text = await (await fetch(`${api.url}/metrics`)).text()
  const match = /^sse_connections (\d+)$/m.exec(text)
  if (match === null) throw new Error(`/metrics names no count of open streams:\n${text}`)
  return Number(match[1])
}
