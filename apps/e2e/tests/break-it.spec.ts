// The place to break it: the server's own faults, on an API of its own in demonstration mode.
import type { Page } from '@playwright/test'
import { type ApiServer, createApiServer } from './server.ts'
import { DASHBOARD, expect, test } from './test.ts'

/**
 * For what is seen when a connection is back. By design that takes up to 5 s and the making of a connection: the
 * server asks for 1.5 to 2.5 s, and the first wait is anywhere from that to its double.
 */
const ONCE_BACK = { timeout: 10_000 }

test('there is nothing to break on a server that is not in demonstration mode', async ({
  page,
}) => {
  await page.goto(`${DASHBOARD}/?drawer=1`)
  await expect(page.getByRole('listbox')).toContainText('time')
  await expect(page.getByRole('group', { name: 'Break it' })).toBeHidden()
})

test.describe('in demonstration mode', () => {
  let api: ApiServer

  test.beforeAll(async () => {
    api = await createApiServer({ DEMO_FAULTS: '1' })
    await api.start()
  })
  test.afterAll(() => api.kill())
  test.beforeEach(async ({ page }) => {
    await page.goto(`${api.url}/?drawer=1`)
    await expect(page.getByRole('listbox')).toContainText('time')
  })

  test('a connection that is cut is lost and back, and what was missed is replayed', async ({
    page,
  }) => {
    await breaks(page, 'Cut connection')
    await expect(page.getByRole('option', { name: 'connection lost' })).toBeVisible()
    await expect(page.getByRole('option', { name: 'reconnected' })).toBeVisible(ONCE_BACK)
    await expect(page.getByRole('listbox')).toContainText('"outcome":"resumed"')
  })

  test('after an expired id the page says that events are lost', async ({ page }) => {
    await breaks(page, 'Expire my id')
    await expect(page.getByText(/outage .+, its events are lost/)).toBeVisible(ONCE_BACK)
    await expect(page.getByRole('listbox')).toContainText('"outcome":"gap"')
  })

  test('a flood is received, and drawn at the usual pace', async ({ page }) => {
    await breaks(page, 'Flood')
    await expect(page.getByText(/^[1-9]\d\d\.\d\/s$/)).toBeVisible()
    await expect(stateOf(page)).toContainText('Live')
  })

  test('a stream that stalls makes the panels stale', async ({ page }) => {
    await breaks(page, 'Stall')
    const system = page.getByRole('region', { name: 'System' })
    await expect(system).toContainText(/No data for \d+ s/, { timeout: 15_000 })
    await expect(system).toContainText('The connection is open, but this topic is quiet.')
  })

  // The last test, because the restart also ends the streams of tests that follow.
  test('after a restart of the API the dashboard reconnects', async ({ page }) => {
    await breaks(page, 'Restart API')
    // A client that reconnects while the old process still shuts down is refused once more.
    await expect(page.getByRole('option', { name: 'connection lost' }).first()).toBeVisible()
    await expect(page.getByRole('option', { name: 'reconnected' }).first()).toBeVisible(ONCE_BACK)
    await expect(stateOf(page)).toContainText('Live', ONCE_BACK)
  })
})

async function breaks(page: Page, name: string): Promise<void> {
  await page.getByRole('group', { name: 'Break it' }).getByRole('button', { name }).click()
  await expect(page.getByRole('status')).toContainText(`${name}: done.`)
}

function stateOf(page: Page) {
  return page.getByRole('group', { name: 'Connection state' })
}
