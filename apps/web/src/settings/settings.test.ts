import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createKeep } from './browser-storage.ts'
import { createJournal } from '../connection/journal.ts'
import { Preferences } from './preferences.svelte.ts'
import { View } from './view.svelte.ts'
import { readView, writeView } from './view-query.ts'
import { curlCommand, ndjson } from '../inspector/curl.ts'

beforeEach(() => localStorage.clear())
afterEach(() => localStorage.clear())

describe('a link to a view', () => {
  test('carries only what is not usual, and comes back as it was', () => {
    const usual = readView('')
    expect(writeView(usual, '')).toBe('')
    const own = { ...usual, rangeMinutes: 15, scale: 'log', smoothing: 0.3, drawer: true } as const
    const query = writeView({ ...own, paused: ['clock', 'stocks'] }, '?lang=de')
    expect(query).toContain('lang=de')
    expect(readView(query)).toEqual({ ...own, paused: ['clock', 'stocks'] })
  })

  test('that is nonsense is the usual view', () => {
    const nonsense = '?range=7&scale=<b>&smoothing=9&paused=moon&drawer=yes&transport=pigeon'
    expect(readView(nonsense)).toEqual(readView(''))
  })

  test('names all panels at once', () => {
    expect(readView('?paused=all').paused).toHaveLength(4)
  })
})

describe('pauses', () => {
  test('outlive the page, where its link does not name any', () => {
    const view = new View('', () => undefined)
    view.choose({ paused: ['clock', 'stocks'] })
    expect(new View('?range=1').current.paused).toEqual(['clock', 'stocks'])
    expect(new View('?paused=system').current.paused).toEqual(['system'])
    view.choose({ paused: [] })
    expect(new View('').current.paused).toEqual([])
  })
})

describe('where storage is forbidden', () => {
  const forbidden = () => {
    throw new DOMException('Access is denied.', 'SecurityError')
  }

  test('what is kept lasts as long as the page', () => {
    const keep = createKeep(forbidden)
    expect(keep.read('a')).toBeNull()
    keep.write('a', '1')
    expect(keep.read('a')).toBe('1')
    keep.write('a', null)
    expect(keep.read('a')).toBeNull()
  })
})

describe('preferences', () => {
  test('outlive the page', () => {
    new Preferences().choose({ theme: 'dark', colours: 'red-up', shortcuts: false })
    const later = new Preferences()
    expect([later.theme, later.colours, later.shortcuts]).toEqual(['dark', 'red-up', false])
  })

  test.each(['', 'null', '7', '{"theme":"<b>"}', '[]'])(
    'that are damaged (%s) are the usual',
    (stored) => {
      localStorage.setItem('downlink.preferences', stored)
      const preferences = new Preferences()
      expect([preferences.theme, preferences.announcements]).toEqual(['system', 'status'])
    },
  )
})

describe('the journal', () => {
  test('keeps so many entries and counts what it drops', () => {
    const journal = createJournal(3)
    for (const text of ['a', 'b', 'c', 'd']) journal.frame(text, 1, 0, true)
    expect(journal.entries().map(({ text }) => text)).toEqual(['b', 'c', 'd'])
    expect(journal.totals).toEqual({ frames: 4, bytes: 4, dropped: 1 })
  })

  test('keeps so much text, and the newest entry whatever its size', () => {
    const journal = createJournal(100, 10)
    journal.frame('12345678', 8, 0, true)
    journal.frame('123456789012', 12, 0, true)
    expect(journal.entries()).toHaveLength(1)
    expect(journal.entries()[0]?.text).toBe('123456789012')
  })
})

describe('what leaves the page', () => {
  test('is safe to paste into a shell', () => {
    const command = curlCommand('http://localhost:8000', ['time', "it's"], "1'; rm -rf ~ #")
    expect(command).toBe(
      String.raw`curl -N -H 'Last-Event-ID: 1'\''; rm -rf ~ #' 'http://localhost:8000/events?topic=time&topic=it%27s'`,
    )
  })

  test('is one JSON object a line', () => {
    const journal = createJournal()
    journal.frame('data: "x"\n\n', 11, 0, true)
    journal.note('lost', 'gone', 1000)
    const lines = ndjson(journal.entries()).trimEnd().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { text: string }).text)).toEqual([
      'data: "x"\n\n',
      'gone',
    ])
  })
})
