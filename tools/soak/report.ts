/** Prints the results of a soak: tables, one line per failure, and the totals. */

export interface TableCell {
  readonly text: string
  /** False prints the cell in bold. */
  readonly holds?: boolean
}

export interface Report {
  check(title: string, holds: boolean, detail: string): void
  /** Counts as a failure if CI is true, because CI must have all programs. */
  skip(title: string, reason: string): void
  /** Prints a table with one column per entry and one row per cell title. */
  table(
    columns: readonly (readonly [title: string, cells: Readonly<Record<string, TableCell>>])[],
  ): void
  /** Prints the totals. Returns true if nothing failed. */
  finish(): boolean
}

export function createReport(): Report {
  const total = { passed: 0, failed: 0 }

  return {
    check(title, holds, detail) {
      total[holds ? 'passed' : 'failed'] += 1
      if (!holds) console.log(`failed: ${title}: ${detail}`)
    },
    skip(title, reason) {
      if (process.env['CI'] === 'true') this.check(title, false, reason)
      else console.log(`skipped: ${title}: ${reason}`)
    },
    table(columns) {
      const titles = [...new Set(columns.flatMap(([, cells]) => Object.keys(cells)))]
      const lines = [
        ['', ...columns.map(([title]) => title)],
        ['---', ...columns.map(() => '---')],
        ...titles.map((row) => [row, ...columns.map(([, cells]) => shown(cells[row]))]),
      ]
      console.log(`\n${lines.map((line) => `| ${line.join(' | ')} |`).join('\n')}\n`)
    },
    finish() {
      console.log(`\n${total.passed} passed, ${total.failed} failed`)
      return total.failed === 0
    },
  }
}

function shown(cell: TableCell | undefined): string {
  if (cell === undefined) return ''
  return cell.holds === false ? `**${cell.text}**` : cell.text
}
