/** Settings: a default, a description, and a Valibot schema whose messages complete the sentence "PORT must be …". */
import { isIP } from 'node:net'
import * as v from 'valibot'
import { StartError } from './errors.ts'

/** Linux allows 107, macOS and BSD 103. */
const MAX_SOCKET_PATH_BYTES = 103

export interface Setting<T = unknown> {
  /** Its text when the variable is missing or empty. */
  readonly default: string
  readonly help: string
  readonly schema: v.GenericSchema<string, T>
  /** Whether an empty text is a value; otherwise it counts as missing. */
  readonly mayBeEmpty: boolean
}

export type Settings = Readonly<Record<string, Setting>>

export type SettingValues<T extends Settings> = {
  readonly [Name in keyof T]: v.InferOutput<T[Name]['schema']>
}

export type Environment = Readonly<Record<string, string | undefined>>

export function setting<T>(
  byDefault: string,
  help: string,
  schema: v.GenericSchema<string, T>,
  empty?: 'may be empty',
): Setting<T> {
  return { default: byDefault, help, schema, mayBeEmpty: empty !== undefined }
}

/**
 * Reads every setting from `env`, with its default when it is missing or empty.
 * @throws StartError `bad-setting`, one line that names the setting, its rule and the invalid value
 */
export function readSettings<T extends Settings>(settings: T, env: Environment): SettingValues<T> {
  const entries = Object.entries(settings).map(([name, { default: byDefault, ...rest }]) => {
    const given = env[name]
    const text = given === undefined || (given === '' && !rest.mayBeEmpty) ? byDefault : given
    const result = v.safeParse(rest.schema, text)
    if (!result.success)
      throw new StartError(
        'bad-setting',
        name,
        `${name} must be ${result.issues[0].message}, not ${JSON.stringify(text)}. Change it or unset it (default ${byDefault}).`,
      )
    return [name, result.output]
  })
  return Object.fromEntries(entries) as SettingValues<T>
}

export function integer(
  min: number,
  max: number,
  rule = `a whole number from ${min} to ${max}`,
): v.GenericSchema<string, number> {
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,10}$/, rule),
    v.transform(Number),
    v.minValue(min, rule),
    v.maxValue(max, rule),
  )
}

export const flag = v.pipe(
  v.string(),
  v.picklist(['0', '1'], '0 or 1'),
  v.transform((text) => text === '1'),
)

export const address = v.pipe(v.string(), v.regex(/^[\w.:%-]+$/, 'an address or a host name'))

export function oneOf<const T extends string>(...choices: T[]): v.GenericSchema<string, T> {
  return v.pipe(v.string(), v.picklist(choices, `one of ${choices.join(', ')}`))
}

/** Where events are kept. */
export type EventLogPlace =
  { readonly kind: 'memory' } | { readonly kind: 'lmdb'; readonly path: string }

const LMDB = 'lmdb:'

export const eventLog: v.GenericSchema<string, EventLogPlace> = v.pipe(
  v.string(),
  v.regex(/^(memory|lmdb:[^\0]+)$/, 'memory, or lmdb: and a directory, such as lmdb:./data'),
  v.transform((text): EventLogPlace =>
    text === 'memory' ? { kind: 'memory' } : { kind: 'lmdb', path: text.slice(LMDB.length) },
  ),
)

/** Texts separated by commas; spaces around each are ignored. */
export function list(
  item: v.GenericSchema<string, string>,
): v.GenericSchema<string, readonly string[]> {
  return v.pipe(
    v.string(),
    v.transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    ),
    v.array(item),
  )
}

/**
 * A host name in the form in which a Host header carries it, or `*.` and such a name. Other spellings, such as `127.1`
 * or `[0::1]`, would never match a request.
 */
export const hostname = v.pipe(
  v.string(),
  v.toLowerCase(),
  v.check(
    isHostname,
    'host names as browsers send them, such as example.org, *.example.org, 127.0.0.1 or [::1], without scheme or port, separated by commas',
  ),
)

function isHostname(text: string): boolean {
  const name = text.replace(/^\*\./, '')
  const isWildcardAddress = name !== text && isIP(name.replace(/[[\]]/g, '')) !== 0
  const isName = /^(\[[\da-f:.]+\]|[\w-]+(\.[\w-]+)*\.?)$/.test(name)
  return isName && !isWildcardAddress && canonicalHost(name) === name
}

function canonicalHost(name: string): string | undefined {
  return URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : undefined
}

const PORT_RULE = `a whole number from 0 to 65535, or the path of a Unix socket with a / and at most ${MAX_SOCKET_PATH_BYTES} bytes`

/** A port, or the path of a Unix socket. */
export const port: v.GenericSchema<string, number | string> = v.union(
  [v.pipe(v.string(), v.check(isSocketPath, PORT_RULE)), integer(0, 65_535, PORT_RULE)],
  PORT_RULE,
)

function isSocketPath(text: string): boolean {
  const fits = Buffer.byteLength(text) <= MAX_SOCKET_PATH_BYTES
  return fits && text.includes('/') && !text.includes('\0')
}

export const origin = v.pipe(
  v.string(),
  v.check(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'origins such as https://example.org, without a path, separated by commas',
  ),
)
