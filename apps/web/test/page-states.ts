// States of the page, and a check of each state: axe finds nothing, and nothing overflows.
import axe from 'axe-core'
import { expect } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { scriptedPage, type ScriptedPage } from './scripted-page.ts'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const LOST_AT = Date.now() - 4000

const trainingPanel = page.getByRole('region', { name: 'Training run' })
const startButton = trainingPanel.getByRole('button', { name: 'Start training' })

/** Functions that bring the page into a state. */
export const states: Record<string, (scripted: ScriptedPage) => void | Promise<void>> = {
  connecting: ({ link }) => link.setStatus({ state: 'connecting', since: Date.now() - 1000 }),
  live: fill,
  stale: ({ link }) => link.setStatus({ state: 'stale', since: LOST_AT }),
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
    scripted.link.setStatus({ state: 'offline', since: Date.now() })
  },
  ended: (scripted) => {
    fill(scripted)
    scripted.link.setStatus({ state: 'ended', reason: 'the server is shutting down' })
  },
  error: (scripted) => {
    fill(scripted)
    scripted.link.fail('Refused.', { status: 404 })
  },
  paused: (scripted) => {
    fill(scripted)
    scripted.dashboard.pauseAll(true)
  },
  'a run is running': startRun,
  'a run is complete': async (scripted) => {
    await startRun(scripted)
    scripted.link.emit('training/run-1', 'complete', 'Training complete!')
  },
  'a run could not start': async (scripted) => {
    fill(scripted)
    scripted.runs.reachable = false
    await startButton.click()
    await expect.element(trainingPanel).toHaveTextContent('The API cannot be reached.')
  },
  'an event cannot be read': (scripted) => {
    fill(scripted)
    scripted.link.emit('stocks', 'AAPL', { symbol: '<b>'.repeat(90), price: 'much', change: [] })
  },
  'the tables are open': async (scripted) => {
    await startRun(scripted)
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

async function startRun(scripted: ScriptedPage): Promise<void> {
  fill(scripted)
  await startButton.click()
  await expect.poll(() => scripted.link.topics).toContain('training/run-1')
  for (let percent = 1; percent <= 100; percent += 1) {
    scripted.link.progress('run-1', 1, percent, 1 - percent / 200)
  }
  await expect.element(trainingPanel).toHaveTextContent('0.5000')
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

/** Brings a page into a state and checks it in both themes: for overflow at three widths, with axe at `widthsForAxe`. */
export async function checkState(name: string, widthsForAxe: readonly number[]): Promise<void> {
  await page.viewport(1280, 900)
  const scripted = await scriptedPage()
  await expect.element(page.getByRole('region', { name: 'Connection' })).toBeVisible()
  await states[name]?.(scripted)
  for (const theme of ['light', 'dark'] as const) {
    scripted.dashboard.preferences.choose({ theme })
    for (const width of [1280, 390, 320]) {
      await page.viewport(width, 900)
      const where = `${theme}, ${width} px`
      if (widthsForAxe.includes(width)) expect(await violations(), where).toEqual([])
      expect(document.documentElement.scrollWidth, where).toBeLessThanOrEqual(width)
    }
  }
}
