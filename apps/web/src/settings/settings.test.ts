import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createBrowserStorage } from './browser-storage.ts'
import { Preferences } from './preferences.svelte.ts'
import { readView, writeView } from './view-query.ts'
import { View } from './view.svelte.ts'

const PANELS = ['time', 'system-stats', 'stocks']

beforeEach(() => localStorage.clear())
afterEach(() => {
  localStorage.clear()
  history.replaceState(null, '', location.pathname)
})

describe('the query of a view', () => {
  test('contains only what differs from the default, and is read back unchanged', () => {
    const defaults = readView('', PANELS)
    expect(writeView(defaults, '', PANELS)).toBe('')
    const view = {
      ...defaults,
      rangeMinutes: 15,
      scale: 'log',
      smoothing: 0.3,
      drawer: true,
      paused: ['time', 'stocks'],
    } as const
    const query = writeView(view, '?lang=de', PANELS)
    expect(query).toContain('lang=de')
    expect(readView(query, PANELS)).toEqual(view)
  })

  test('falls back to the default for each invalid value', () => {
    const invalid = '?range=7&scale=<b>&smoothing=9&paused=moon&drawer=yes&transport=pigeon'
    expect(readView(invalid, PANELS)).toEqual(readView('', PANELS))
  })

  test('names all panels at once', () => {
    expect(readView('?paused=all', PANELS).paused).toEqual(PANELS)
    expect(writeView({ ...readView('', PANELS), paused: PANELS }, '', PANELS)).toBe('paused=all')
  })
})

test('paused panels are remembered unless the link names paused panels', () => {
  const view = new View('', PANELS)
  view.choose({ paused: ['time', 'stocks'] })
  expect(new View('?range=1', PANELS).current.paused).toEqual(['time', 'stocks'])
  expect(new View('?paused=system-stats', PANELS).current.paused).toEqual(['system-stats'])
  view.choose({ paused: [] })
  expect(new View('', PANELS).current.paused).toEqual([])
})

test('values last as long as the page if storage is forbidden', () => {
  const storage = createBrowserStorage(() => {
    throw new DOMException('Access is denied.', 'SecurityError')
  })
  expect(storage.read('a')).toBeNull()
  storage.write('a', '1')
  expect(storage.read('a')).toBe('1')
  storage.write('a', null)
  expect(storage.read('a')).toBeNull()
})

describe('preferences', () => {
  test('are remembered', () => {
    new Preferences().choose({ theme: 'dark', colours: 'red-up', shortcuts: false })
    const reloaded = new Preferences()
    const { theme, colours, shortcuts } = reloaded
    expect({ theme, colours, shortcuts }).toEqual({
      theme: 'dark',
      colours: 'red-up',
      shortcuts: false,
    })
  })

  test.each(['', 'null', '7', '{"theme":"<b>"}', '[]'])(
    'fall back to the defaults if the stored value is %j',
    (stored) => {
      localStorage.setItem('downlink.preferences', stored)
      const { theme, announcements } = new Preferences()
      expect({ theme, announcements }).toEqual({ theme: 'system', announcements: 'status' })
    },
  )
})
