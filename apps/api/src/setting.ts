/** The kinds of settings: each reads a text, or throws with the rule that it breaks. */
import { isIP } from 'node:net'

/** Linux allows 107, macOS and BSD 103. */
const MAX_SOCKET_PATH_BYTES = 103

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

/**
 * A host name in the form in which a Host header carries it, or `*.` and such a name. Other spellings, such as `127.1`
 * or `[0::1]`, would never match a request.
 */
export function hostname(text: string): string {
  const lower = text.toLowerCase()
  const name = lower.replace(/^\*\./, '')
  const isName = /^(\[[\da-f:.]+\]|[\w-]+(\.[\w-]+)*\.?)$/.test(name)
  const isWildcardAddress = name !== lower && isIP(name.replace(/[[\]]/g, '')) !== 0
  if (isName && !isWildcardAddress && canonicalHost(name) === name) return lower
  throw new Error(
    'host names as browsers send them, such as example.org, *.example.org, 127.0.0.1 or [::1], without scheme or port, separated by commas',
  )
}

function canonicalHost(name: string): string | undefined {
  return URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : undefined
}

/** A port, or the path of a Unix socket. */
export function port(text: string): number | string {
  if (
    text.includes('/') &&
    !text.includes('\0') &&
    Buffer.byteLength(text) <= MAX_SOCKET_PATH_BYTES
  )
    return text
  try {
    return integer(0, 65_535)(text)
  } catch {
    throw new Error(
      `a whole number from 0 to 65535, or the path of a Unix socket with a / and at most ${MAX_SOCKET_PATH_BYTES} bytes`,
    )
  }
}

export function origin(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text) return text
  throw new Error('origins such as https://example.org, without a path, separated by commas')
}
