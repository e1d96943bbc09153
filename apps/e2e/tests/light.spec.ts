// What the page loads at first and on demand, and what it shows if loading fails.
import { gzipSync } from 'node:zlib'
import { DASHBOARD, expect, test } from './test.ts'

/** All scripts together, compressed with gzip. */
const FIRST_LOAD_BYTES = 80_000

test('the first load has at most 80 kB of scripts', async ({ page }) => {
  const scripts = new Map<string, Promise<Buffer>>()
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') scripts.set(response.url(), response.body())
  })
  await page.goto(DASHBOARD)
  await expect(page.locator('canvas')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Clock' })).toContainText('s ago')
  const bodies = await Promise.all(scripts.values())
  const bytes = bodies.reduce((sum, body) => sum + gzipSync(body).length, 0)
  expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_BYTES)
  expect([...scripts.keys()].join()).not.toMatch(/Inspector|SettingsDialog|RunView|event-source/)
})

test('the page says that the events could not be loaded, and loads them when they are opened again', async ({
  page,
}) => {
  await page.goto(DASHBOARD)
  await page.route('**/assets/Inspector*', (route) => route.abort())
  await page.getByRole('button', { name: 'Events' }).click()
  const notice = page.getByRole('alert').filter({ hasText: 'could not be loaded' })
  await expect(notice).toBeVisible()
  await page.unroute('**/assets/Inspector*')
  await notice.getByRole('button').click()
  await expect(notice).toBeHidden()
  await page.getByRole('button', { name: 'Events' }).click()
  await expect(page.getByRole('listbox')).toBeVisible()
})

test('a transport that cannot be loaded leaves the connection unchanged', async ({ page }) => {
  await page.goto(`${DASHBOARD}/?drawer=1`)
  await page.route('**/assets/event-source-link*', (route) => route.abort())
  await page.getByRole('button', { name: 'EventSource' }).click()
  await expect(page.getByRole('alert')).toContainText('could not be loaded')
  await expect(page.getByRole('button', { name: 'fetch' })).toHaveAttribute('aria-pressed', 'true')
  await page.unroute('**/assets/event-source-link*')
  await page.getByRole('button', { name: 'EventSource' }).click()
  await expect(page.getByRole('button', { name: 'EventSource' })).toHaveAttribute(
    'aria-pressed',
    'true',
  )
  await expect(page.getByText('Last 40 seconds')).toBeAttached()
})

test('a table and a run whose code could not be loaded can be loaded again', async ({ page }) => {
  await page.goto(DASHBOARD)
  await page.route('**/assets/{TableView,RunView}*', (route) => route.abort())
  const system = page.getByRole('region', { name: 'System' })
  await system.getByRole('button', { name: 'Show as table' }).click()
  await expect(system).toContainText('The table could not be loaded: try again')
  const training = page.getByRole('region', { name: 'Training run' })
  await training.getByRole('button', { name: 'Start training' }).click()
  await expect(training).toContainText('The view of the run could not be loaded')
  await page.unroute('**/assets/{TableView,RunView}*')
  await system.getByRole('button', { name: 'try again' }).click()
  await expect(system.getByRole('table')).toBeVisible()
  await training.getByRole('button', { name: 'Try again' }).click()
  await expect(training).toContainText(/epoch/i)
  await training.getByRole('button', { name: 'Cancel' }).click()
})
