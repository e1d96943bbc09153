// The filter of the list: words of plain text, `topic:`, `id:` and `/regex/`, which must all match.
import type { Row } from './row.ts'

export type Filter = (row: Row) => boolean

/** A filter from the typed text. An invalid regex, which may be incomplete, is plain text. */
export function parseFilter(typed: string): Filter {
  const conditions = typed.trim().split(/\s+/).filter(Boolean).map(condition)
  return (row) => conditions.every((holds) => holds(row))
}

function condition(word: string): Filter {
  if (word.startsWith('topic:')) return ({ topic }) => topic.includes(word.slice(6))
  if (word.startsWith('id:')) return ({ id }) => id.includes(word.slice(3))
  const pattern = regexIn(word)
  if (pattern) return (row) => pattern.test(row.entry.text)
  const text = word.toLowerCase()
  return (row) => row.entry.text.toLowerCase().includes(text)
}

function regexIn(word: string): RegExp | null {
  if (word.length < 3 || !word.startsWith('/') || !word.endsWith('/')) return null
  try {
    return new RegExp(word.slice(1, -1), 'i')
  } catch {
    return null
  }
}
