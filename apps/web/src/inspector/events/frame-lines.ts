// The lines of a frame, split at the first colon into field and value, as the standard does.

export interface FrameLine {
  /** The name of the field with its colon; empty for a comment and for a line without a colon. */
  readonly field: string
  readonly rest: string
}

const LINE_END = /\r\n|\r|\n/

/** The lines of a frame without the blank line at its end. */
export function frameLines(text: string): FrameLine[] {
  const lines = text.split(LINE_END)
  while (lines.at(-1) === '') lines.pop()
  return lines.map((line) => {
    const colon = line.indexOf(':')
    return colon > 0
      ? { field: line.slice(0, colon + 1), rest: line.slice(colon + 1) }
      : { field: '', rest: line }
  })
}

/** The JSON object or array in `data`; undefined for any other data. */
export function jsonIn(data: string): object | undefined {
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
