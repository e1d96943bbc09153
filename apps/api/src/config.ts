/** The API's settings: one table of environment variables, read once and checked before anything starts. */
import { StartError } from './errors.ts'
import {
  flag,
  hostname,
  integer,
  list,
  oneOf,
  origin,
  port,
  setting,
  word,
  type Setting,
} from './setting.ts'

/** The README's table of settings is held equal to this one by a test. */
export const settings = {
  PORT: setting(
    '8000',
    'Port to listen on; 0 takes a free one; a path with a `/` is a Unix socket',
    port,
  ),
  HOST: setting(
    '127.0.0.1',
    'Address to listen on; `0.0.0.0` for every network interface (then set `ALLOWED_HOSTS` too)',
    word,
  ),
  ALLOWED_HOSTS: setting(
    'localhost,127.0.0.1,[::1]',
    'Names a request may call this server by, without port; `*.example.org` allows every subdomain; another name gets 421 (DNS rebinding)',
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
  MAX_CONNECTIONS: setting(
    '0',
    'Open connections; one more is closed at once. 0: as many as `ulimit -n` has room for',
    integer(0, 1_000_000),
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
  MAX_TRAINING_RUNS_PER_ADDRESS: setting(
    '10',
    'Training runs at once that one client address started; one more is told to come back later',
    integer(1, 1_000),
  ),
  MAX_KEPT_TRAINING_RUNS: setting(
    '20',
    'Ended training runs that can still be shown and replayed; the oldest goes first',
    integer(0, 1_000),
  ),
  TRAINING_STEP_MS: setting(
    '20',
    'Time between two of a training run’s 1,000 steps; an epoch’s pause is 25 times as long. For tests',
    integer(1, 60_000),
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

type SettingName = keyof typeof settings
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
