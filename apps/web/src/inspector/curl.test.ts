import { expect, test } from 'vitest'
import { createJournal } from '../connection/journal.ts'
import { curlCommand, ndjson } from './curl.ts'

test('a curl command is safe to paste into a shell', () => {
  const command = curlCommand('http://localhost:8000', ['time', "it's"], "1'; rm -rf ~ #")
  expect(command).toBe(
    String.raw`curl -N -H 'Last-Event-ID: 1'\''; rm -rf ~ #' 'http://localhost:8000/events?topic=time&topic=it%27s'`,
  )
})

test('NDJSON has one JSON object per line', () => {
  const journal = createJournal()
  journal.frame('data: "x"\n\n', 11, 0, true)
  journal.note('lost', 'gone', 1000)
  const lines = ndjson(journal.entries()).trimEnd().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { text: string }).text)).toEqual([
    'data: "x"\n\n',
    'gone',
  ])
})
