/** The kinds of settings: each reads a text, or throws with the rule that it breaks. */

export interface Setting<T> {
  /** Its text when the variable is missing or empty. */
  readonly default: string
  readonly help: string
  /** Whether an empty text means something; otherwise it counts as missing. */
  readonly mayBeEmpty: boolean
  /** Throws an Error that completes the sentence "PORT must be …". */
  readonly parse: (text: string) => T
}

export function setting<T>(
  byDefault: string,
  help: string,
  parse: (text: string) => T,
  empty?: 'may be empty',
): Setting<T> {
  return { default: byDefault, help, parse, mayBeEmpty: empty !== undefined }
}

export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN
    if (value >= min && value <= max) return value
    throw new Error(`a whole number from ${min} to ${max}`)
  }
}

export function flag(text: string): boolean {
  if (text === '0' || text === '1') return text === '1'
  throw new Error('0 or 1')
}

export function word(text: string): string {
  if (/^[\w.:%-]+$/.test(text)) return text
  throw new Error('an address or a host name')
}

export function oneOf<const T extends string>(...choices: T[]): (text: string) => T {
  return (text) => {
    const found = choices.find((choice) => choice === text)
    if (found !== undefined) return found
    throw new Error(`one of ${choices.join(', ')}`)
  }
}

export function list(item: (text: string) => string): (text: string) => readonly string[] {
  return (text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map(item)
}

export function hostname(text: string): string {
  if (/^(\[[\da-f:.]+\]|[\w.-]+)$/i.test(text)) return text.toLowerCase()
  throw new Error('host names without scheme or port, separated by commas')
}

export function origin(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text) return text
  throw new Error('origins such as https://example.org, without a path, separated by commas')
}
