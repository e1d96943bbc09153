import type { Page } from '@playwright/test'
import { DASHBOARD, expect, test } from './test.ts'

const HOURS_MS = 3_600_000

test.describe('a page that lacks what it would like to have', () => {
  test('lives where storage is forbidden, and keeps choices while it is open', async ({ page }) => {
    const complaints = complaintsOf(page)
    await page.addInitScript(() => {
      Object.defineProperty(globalThis, 'localStorage', {
        get() {
          throw new DOMException('Access is denied.', 'SecurityError')
        },
      })
    })
    await page.goto(DASHBOARD)
    await expect(stateOf(page)).toContainText('Live')
    await page.getByRole('button', { name: 'Theme: system' }).click()
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
    await page.getByRole('button', { name: 'Pause Clock' }).click()
    await expect(page.getByRole('region', { name: 'Clock' })).toContainText(/Paused, \d+ new/)
    expect(complaints).toEqual([])
  })

  test('has a connection of its own where tabs cannot share one', async ({ page }) => {
    const complaints = complaintsOf(page)
    await page.addInitScript(() => {
      Reflect.deleteProperty(Navigator.prototype, 'locks')
      Reflect.deleteProperty(globalThis, 'BroadcastChannel')
    })
    await page.goto(DASHBOARD)
    await expect(stateOf(page)).toContainText('Live')
    await expect(page.getByRole('region', { name: 'System' })).toContainText(/\d%/)
    expect(complaints).toEqual([])
  })

  test('says that a clock is wrong when the device is hours behind', async ({ page }) => {
    await page.clock.install({ time: Date.now() - 2 * HOURS_MS })
    await page.goto(DASHBOARD)
    await expect(stateOf(page)).toContainText('Live')
    const clock = page.getByRole('region', { name: 'Clock' })
    await expect(clock).toContainText(/2 h ahead: one clock is wrong/)
    await expect(clock).toContainText(/\d\.\d s ago/)
  })

  test('is paused as it was left', async ({ page }) => {
    await page.goto(DASHBOARD)
    const system = page.getByRole('region', { name: 'System' })
    await page.getByRole('button', { name: 'Pause System' }).click()
    await expect(system).toContainText('Paused')
    await page.goto(`${DASHBOARD}/?range=1`)
    await expect(system).toContainText('Paused')
    await page.getByRole('button', { name: 'Pause System' }).click()
  })
})

test('the API restarted in mid-run: the page lives, says that the run is gone, and starts another', async ({
  page,
  api,
}) => {
  test.setTimeout(60_000)
  await page.goto(DASHBOARD)
  const panel = page.getByRole('region', { name: 'Training run' })
  const start = panel.getByRole('button', { name: /^Start/ })
  await start.click()
  await expect(panel).toContainText(/1\s*\/\s*10/)
  await api.kill()
  await expect(stateOf(page)).toContainText('Reconnecting', { timeout: 15_000 })
  await api.start()
  await expect(panel).toContainText('The run is gone', { timeout: 45_000 })
  await expect(stateOf(page)).toContainText('Live', { timeout: 15_000 })
  // An outage in which the API refused the old run is over too.
  await expect(page.getByText(/outage .+, its events are lost/)).toBeVisible()
  await start.click()
  await expect(panel).toContainText('Running')
  await panel.getByRole('button', { name: 'Cancel' }).click()
  await expect(start).toBeEnabled()
})

function stateOf(page: Page) {
  return page.getByRole('group', { name: 'Connection state' })
}

/** What the page complains of, from now on. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  return complaints
}
