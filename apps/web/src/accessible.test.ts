import axe from 'axe-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { scriptedPage, type ScriptedPage } from './scripted-page.fixture.ts'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const LOST_AT = Date.now() - 4000

/** Each state, as the page is brought into it. */
const states: Record<string, (scripted: ScriptedPage) => void | Promise<void>> = {
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
  'a run is under way': runUnderWay,
  'a run is complete': async (scripted) => {
    await runUnderWay(scripted)
    scripted.link.emit('training/run-1', 'complete', 'Training complete!')
  },
  'a run could not start': async (scripted) => {
    fill(scripted)
    scripted.runs.refusal = 'The API cannot be reached. Start it, then try again.'
    await scripted.dashboard.startRun()
  },
  'an event cannot be read': (scripted) => {
    fill(scripted)
    scripted.link.emit('stocks', 'AAPL', { symbol: '<b>'.repeat(90), price: 'much', change: [] })
  },
  'the tables are open': async (scripted) => {
    await runUnderWay(scripted)
    for (const button of page.getByRole('button', { name: 'Show as table' }).elements()) {
      ;(button as HTMLElement).click()
    }
    await expect.element(page.getByRole('table').first()).toBeVisible()
  },
  'the drawer is open': async (scripted) => {
    fill(scripted)
    scripted.link.frame(': keep-alive\n\n')
    scripted.dashboard.toggleDrawer()
    await expect.element(page.getByRole('listbox')).toBeVisible()
    await page.getByRole('option').filter({ hasText: 'AAPL' }).click()
  },
  'the settings are open': async (scripted) => {
    fill(scripted)
    await userEvent.keyboard('?')
    await expect.element(page.getByRole('dialog')).toBeVisible()
  },
}

async function runUnderWay(scripted: ScriptedPage): Promise<void> {
  fill(scripted)
  await scripted.dashboard.startRun()
  for (let percent = 1; percent <= 100; percent += 1) {
    scripted.link.progress('run-1', 1, percent, 1 - percent / 200)
  }
  await expect
    .element(page.getByRole('region', { name: 'Training run' }))
    .toHaveTextContent('0.5000')
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

describe('in both themes, at three widths, nothing is wrong while', () => {
  test.each(Object.keys(states))('%s', async (name) => {
    await page.viewport(1280, 900)
    const scripted = await scriptedPage()
    await expect.element(page.getByRole('region', { name: 'Connection' })).toBeVisible()
    await states[name]?.(scripted)
    for (const theme of ['light', 'dark'] as const) {
      scripted.dashboard.preferences.choose({ theme })
      for (const width of [1280, 390, 320]) {
        await page.viewport(width, 900)
        const where = `${theme}, ${width} px`
        expect(await violations(), where).toEqual([])
        expect(document.documentElement.scrollWidth, where).toBeLessThanOrEqual(width)
      }
    }
  })
})

test('the words of others are broken where they have no spaces, not cut off', async () => {
  await page.viewport(320, 900)
  const { link } = await scriptedPage()
  link.live()
  const endless = 'a'.repeat(400)
  link.emit('stocks', 'AAPL', { [endless]: endless, symbol: endless })
  const error = Object.assign(new Error(endless), { code: 'refused' })
  link.become({ state: 'failed', error: error as never })
  const stocks = page.getByRole('region', { name: 'Stocks' })
  await expect.element(stocks).toHaveTextContent(endless)
  await expect.element(stocks).toHaveTextContent('could not be read')
  for (const text of stocks.element().querySelectorAll('p')) {
    expect(text.scrollWidth).toBeLessThanOrEqual(320)
  }
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
