import axe from 'axe-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { scriptedPage, type ScriptedPage } from './scripted-page.fixture.ts'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const LOST_AT = Date.now() - 4000

/** Each state, as the page is brought into it. */
const states: Record<string, (scripted: ScriptedPage) => void> = {
  connecting: ({ link }) => link.become({ state: 'connecting', since: Date.now() - 1000 }),
  live: fill,
  stale: ({ link }) => link.become({ state: 'stale', since: LOST_AT }),
  reconnecting: (scripted) => {
    fill(scripted)
    const reason = { code: 'network', message: 'The connection broke.' } as const
    scripted.dashboard.connection.onStatus(
      { state: 'reconnecting', attempt: 2, retryAt: Date.now() + 9000, reason },
      LOST_AT,
    )
  },
  offline: (scripted) => {
    fill(scripted)
    scripted.link.become({ state: 'offline', since: Date.now() })
  },
  ended: (scripted) => {
    fill(scripted)
    scripted.link.become({ state: 'ended', reason: 'the server is shutting down' })
  },
  error: (scripted) => {
    fill(scripted)
    const error = Object.assign(new Error('Refused.'), { status: 404 })
    scripted.link.become({ state: 'failed', error: error as never })
  },
  paused: (scripted) => {
    fill(scripted)
    scripted.dashboard.pauseAll(true)
  },
  drawer: (scripted) => {
    fill(scripted)
    scripted.dashboard.toggleDrawer()
  },
}

function fill({ link }: ScriptedPage): void {
  link.live()
  link.tick('14:27:41')
  link.tick('14:27:43')
  link.stats(41.2, 68.4)
  link.price('AAPL', 150.42, 0.42)
  link.price('MSFT', 299.58, -0.42)
}

async function violations(): Promise<string[]> {
  const { violations: found } = await axe.run(document.body, { runOnly: TAGS })
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

beforeEach(() => {
  localStorage.clear()
  history.replaceState(null, '', location.pathname)
  document.documentElement.lang = 'en'
})

for (const theme of ['light', 'dark'] as const) {
  for (const [width, height] of [
    [1280, 900],
    [320, 700],
  ] as const) {
    describe(`${theme}, ${width} px wide`, () => {
      test.each(Object.keys(states))('nothing is wrong while %s', async (name) => {
        await page.viewport(width, height)
        const scripted = await scriptedPage()
        scripted.dashboard.preferences.choose({ theme })
        states[name]?.(scripted)
        await expect.element(page.getByRole('region', { name: 'Connection' })).toBeVisible()
        if (name === 'drawer') await expect.element(page.getByRole('listbox')).toBeVisible()
        expect(await violations()).toEqual([])
        expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width)
      })
    })
  }
}

test('nothing is wrong with the settings', async () => {
  await page.viewport(1280, 900)
  const scripted = await scriptedPage()
  fill(scripted)
  await userEvent.keyboard('?')
  await expect.element(page.getByRole('dialog', { name: 'Shortcuts and settings' })).toBeVisible()
  expect(await violations()).toEqual([])
})

test('shortcuts can be switched off, and are ignored while something is typed', async () => {
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

test('the number keys go to the panels', async () => {
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
