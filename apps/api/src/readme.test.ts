import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { settings } from './config.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test('the README lists every setting with its default and meaning', () => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` +\| (.*?) +\| (.*?) +\|$/gm)]
  expect(rows.map(([, ...cells]) => cells)).toEqual(
    Object.entries(settings).map(([name, setting]) => [
      name,
      `\`${setting.default}\``,
      setting.help,
    ]),
  )
})
