// The rows of a chart's table: at most sixty, evenly spaced.

export interface TableContent {
  readonly caption: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const MAX_ROWS = 60

/** The cells of at most sixty of `count` rows, oldest first. `cells` returns null for a hole, which has no row. */
export function tableRows(
  count: number,
  cells: (index: number) => readonly string[] | null,
): (readonly string[])[] {
  const step = Math.max(1, Math.ceil(count / MAX_ROWS))
  const rows: (readonly string[])[] = []
  for (let index = 0; index < count; index += step) {
    const row = cells(index)
    if (row) rows.push(row)
  }
  return rows
}
