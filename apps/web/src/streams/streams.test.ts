import { catalog } from '@downlink/protocol/streams'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { pageShortcuts } from '../page/shortcuts.ts'
import { scriptedPage } from '../../test/scripted-page.ts'
import { streams } from './index.ts'

beforeEach(() => localStorage.clear())
afterEach(() => history.replaceState(null, '', location.pathname))

describe('the table of streams', () => {
  test('has one row for each stream of the catalog', () => {
    const topics = catalog.streams.map(({ topic }) => topic)
    expect(streams.map(({ contract }) => contract.topic).sort()).toEqual(topics.sort())
    for (const { contract } of streams) expect(contract).toBe(catalog.find(contract.topic))
  })

  test('gives each panel its own title and short title', () => {
    for (const names of [
      streams.map(({ title }) => title),
      streams.map(({ title, shortTitle }) => shortTitle ?? title),
    ]) {
      expect(names.every((name) => name.trim() !== '')).toBe(true)
      expect(new Set(names).size).toBe(names.length)
    }
  })

  test('gives each panel a key that no other shortcut has', async () => {
    const { dashboard } = await scriptedPage()
    const keys = pageShortcuts(dashboard, () => undefined).map(({ key }) => key)
    expect(keys.every((key) => key.length === 1 && key === key.toLowerCase())).toBe(true)
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('gives each panel a width from 1 to 12 columns', () => {
    for (const { columns } of streams) {
      expect(Number.isInteger(columns) && columns >= 1 && columns <= 12).toBe(true)
    }
  })

  test('uses colours that the theme defines', async () => {
    await scriptedPage()
    const style = getComputedStyle(document.documentElement)
    for (const { colour } of streams) expect(style.getPropertyValue(`--${colour}`)).not.toBe('')
  })
})

test.each(streams.map((stream) => [stream.title, stream] as const))(
  'the panel %s has its title, its topic as id, a link and a button to pause',
  async (title, { contract, shortTitle }) => {
    await page.viewport(390, 700)
    const { dashboard } = await scriptedPage()
    const panel = page.getByRole('region', { name: title, exact: true })
    await expect.element(panel).toHaveAttribute('id', contract.topic)
    const links = page.getByRole('navigation', { name: 'Panels' })
    const link = links.getByRole('link', { name: shortTitle ?? title, exact: true })
    await expect.element(link).toHaveAttribute('href', `#${contract.topic}`)
    await panel.getByRole('button', { name: `Pause ${title}` }).click()
    expect(dashboard.view.current.paused).toEqual([contract.topic])
    expect(new URLSearchParams(location.search).get('paused')).toBe(contract.topic)
    await page.viewport(1280, 900)
  },
)
