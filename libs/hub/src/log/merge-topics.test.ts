import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LogEntry } from './event-log.ts'
import { createFifo, type Fifo } from './fifo.ts'
import { mergeTopics } from './merge-topics.ts'
import { cursorAfter } from './topic-history.ts'

function merge(topics: readonly Fifo<LogEntry>[], after: number, maxEvents: number) {
  const cursors = topics.flatMap((entries) => cursorAfter(entries, after) ?? [])
  return mergeTopics(cursors, { maxEvents, maxBytes: Infinity })
}

function topicOf(seqs: Iterable<number>): Fifo<LogEntry> {
  const entries = createFifo<LogEntry>()
  for (const seq of seqs) entries.push({ topic: 't', event: 'message', data: '', seq, atMs: 0 })
  return entries
}

/** Creates `count` topics with alternating entries, and counts the reads of entries. */
function counted(count: number, perTopic: number) {
  let reads = 0
  const topics = Array.from({ length: count }, (_, place): Fifo<LogEntry> => {
    const seqs = Array.from({ length: perTopic }, (_, i) => i * count + place + 1)
    const entries = topicOf(seqs)
    return {
      ...entries,
      length: entries.length,
      at(index) {
        reads += 1
        return entries.at(index)
      },
    }
  })
  return { topics, reads: () => reads }
}

test('merges any topics in order, from any seq and up to any limit', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 60 }),
      fc.array(fc.nat(6), { minLength: 60, maxLength: 60 }),
      fc.nat(60),
      fc.integer({ min: 1, max: 60 }),
      (seqs, owners, after, limit) => {
        const sorted = seqs.sort((a, b) => a - b)
        const topics = Array.from({ length: 7 }, (_, topic) =>
          topicOf(sorted.filter((_, i) => owners[i] === topic)),
        )
        const rest = sorted.filter((seq) => seq > after)
        const { entries, more } = merge(topics, after, limit)
        expect(entries.map(({ seq }) => seq)).toEqual(rest.slice(0, limit))
        expect(more).toBe(rest.length > limit)
      },
    ),
  )
})

test('reads only the entries that the page needs', () => {
  const { topics, reads } = counted(16, 1_001)
  expect(merge(topics, 5_000, 256).entries).toHaveLength(256)
  const search = 16 * Math.ceil(Math.log2(1_001 + 1))
  expect(reads()).toBeLessThanOrEqual(256 + 16 + search)
})

test('reading everything page by page reads each entry about once', () => {
  const { topics, reads } = counted(16, 1_001)
  let after = 0
  let pages = 0
  for (;;) {
    const page = merge(topics, after, 256).entries
    after = page.at(-1)?.seq ?? after
    if (page.length === 0) break
    pages += 1
  }
  expect(pages).toBe(Math.ceil((16 * 1_001) / 256))
  const searches = (pages + 1) * 16 * Math.ceil(Math.log2(1_001 + 1))
  expect(reads()).toBeLessThanOrEqual(16 * 1_001 + (pages + 1) * 16 + searches)
})
