/** The API's settings: one table of environment variables, read once and checked before anything starts. */
import { StartError } from './errors.ts'

interface Setting<T> {
  /** Its text when the variable is missing or empty. */
  readonly default: string
  readonly help: string
  /** Throws an Error that completes the sentence "PORT must be …". */
  readonly parse: (text: string) => T
}

/** The README's table of settings is held equal to this one by a test. */
export const settings = {
  PORT: setting('8000', 'Port to listen on; 0 takes a free one', integer(0, 65_535)),
  HOST: setting(
    '127.0.0.1',
    'Address to listen on; `0.0.0.0` for every network interface (then set `ALLOWED_HOSTS` too)',
    word,
  ),
  ALLOWED_HOSTS: setting(
    'localhost,127.0.0.1,[::1]',
    'Names a request may call this server by, without port; another one gets 421 (DNS rebinding)',
    list(hostname),
  ),
  CORS_ORIGINS: setting(
    'http://localhost:8080,http://localhost:5173',
    'Origins whose pages may read from here (GET), compared exactly; empty means none',
    list(origin),
    'may be empty',
  ),
  TRUST_PROXY: setting(
    '0',
    '1 behind one proxy that replaces `X-Forwarded-For`: its address is then the client’s',
    flag,
  ),
  HEARTBEAT_MS: setting(
    '15000',
    'Time between heartbeats on an idle stream; a third of the smallest proxy timeout',
    integer(100, 600_000),
  ),
  MAX_STREAM_AGE_MS: setting(
    '900000',
    'Longest life of a stream, shortened by up to 20 % at random; the client reconnects and resumes',
    integer(1_000, 86_400_000),
  ),
  MAX_STREAMS: setting(
    '10000',
    'Open streams in all; one more is told to come back later',
    integer(1, 1_000_000),
  ),
  MAX_STREAMS_PER_ADDRESS: setting(
    '2000',
    'Open streams of one client address; one more is told to come back later',
    integer(1, 1_000_000),
  ),
  MAX_TOPICS: setting('16', 'Topics on one `/events` connection; more get 400', integer(1, 1_000)),
  MAX_QUEUED_BYTES: setting(
    '65536',
    'Bytes that may wait for one slow reader, beyond its socket’s own buffer',
    integer(1_024, 67_108_864),
  ),
  MAX_HEADER_BYTES: setting(
    '16384',
    'Size of a request’s headers; larger ones get 431',
    integer(1_024, 1_048_576),
  ),
  MAX_BODY_BYTES: setting(
    '1024',
    'Size of a request’s body; a larger one gets 413',
    integer(0, 1_048_576),
  ),
  HEADERS_TIMEOUT_MS: setting(
    '10000',
    'Time for a request’s headers to arrive; slower ones get 408',
    integer(100, 600_000),
  ),
  MAX_TRAINING_RUNS: setting(
    '100',
    'Training runs at once; one more is told to come back later',
    integer(1, 1_000),
  ),
  MAX_KEPT_TRAINING_RUNS: setting(
    '20',
    'Ended training runs that can still be shown and replayed; the oldest goes first',
    integer(0, 1_000),
  ),
  DRAIN_MS: setting(
    '2000',
    'On SIGTERM, the window over which open streams are told to leave',
    integer(0, 600_000),
  ),
  LOG_LEVEL: setting(
    'info',
    'Least level written to the log: `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`',
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
  ),
  DEMO_FAULTS: setting(
    '0',
    '1 adds `POST /demo-faults/...`, with which anyone can break streams; for demonstrations only',
    flag,
  ),
} satisfies Record<string, Setting<unknown>>

export type SettingName = keyof typeof settings
export type Config = {
  readonly [Name in SettingName]: ReturnType<(typeof settings)[Name]['parse']>
}

/**
 * Reads every setting from `env`, with its default when it is missing or empty.
 * @throws StartError `bad-setting`, one line that names the setting and what it may be.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const entries = Object.entries(settings).map(
    ([name, { default: byDefault, parse, mayBeEmpty }]) => {
      const given = env[name]
      const text = given === undefined || (given === '' && !mayBeEmpty) ? byDefault : given
      try {
        return [name, parse(text)] as const
      } catch (error) {
        const rule = error instanceof Error ? error.message : String(error)
        throw new StartError(
          'bad-setting',
          name,
          `${name} must be ${rule}, not ${JSON.stringify(text)}. Change it or unset it (default ${byDefault}).`,
        )
      }
    },
  )
  return Object.fromEntries(entries) as Config
}

function setting<T>(
  byDefault: string,
  help: string,
  parse: (text: string) => T,
  empty?: 'may be empty',
): Setting<T> & { readonly mayBeEmpty: boolean } {
  return { default: byDefault, help, parse, mayBeEmpty: empty !== undefined }
}

function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN
    if (value >= min && value <= max) return value
    throw new Error(`a whole number from ${min} to ${max}`)
  }
}

function flag(text: string): boolean {
  if (text === '0' || text === '1') return text === '1'
  throw new Error('0 or 1')
}

function word(text: string): string {
  if (/^[\w.:%-]+$/.test(text)) return text
  throw new Error('an address or a host name')
}

function oneOf<const T extends string>(...choices: T[]): (text: string) => T {
  return (text) => {
    const found = choices.find((choice) => choice === text)
    if (found !== undefined) return found
    throw new Error(`one of ${choices.join(', ')}`)
  }
}

function list(item: (text: string) => string): (text: string) => readonly string[] {
  return (text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map(item)
}

function hostname(text: string): string {
  if (/^(\[[\da-f:.]+\]|[\w.-]+)$/i.test(text)) return text.toLowerCase()
  throw new Error('host names without scheme or port, separated by commas')
}

function origin(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text) return text
  throw new Error('origins such as https://example.org, without a path, separated by commas')
}
