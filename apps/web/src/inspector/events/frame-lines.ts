// A frame's text for the eye: each line parted at its first colon, as the standard parts it.

export interface FrameLine {
  /** The field's name with its colon; empty for a comment and for a line without one. */
  readonly field: string
  readonly rest: string
}

const LINE_END = /\r\n|\r|\n/

/** The lines of a frame without the blank one that ended it. */
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

/** The JSON object or array in `data`; undefined where there is none. */
export function jsonIn(data: string): object | undefined {
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
