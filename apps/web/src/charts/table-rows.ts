// The rows of a chart's table: as many as somebody may want to read, evenly chosen.

export interface TableContent {
  readonly caption: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const MAX_ROWS = 60

/** The words of at most sixty of `count` rows, oldest first; `words` is null for a hole, which has no row. */
export function tableRows(
  count: number,
  words: (index: number) => readonly string[] | null,
): (readonly string[])[] {
  const step = Math.max(1, Math.ceil(count / MAX_ROWS))
  const rows: (readonly string[])[] = []
  for (let index = 0; index < count; index += step) {
    const row = words(index)
    if (row) rows.push(row)
  }
  return rows
}
