/** The API's settings: environment variables, read once and validated before the server starts. */
import {
  address,
  eventLog,
  flag,
  hostname,
  integer,
  list,
  oneOf,
  origin,
  port,
  readSettings,
  setting,
  type Environment,
  type Settings,
  type SettingValues,
} from './setting.ts'
import { streams } from './streams/index.ts'

const serverSettings = {
  PORT: setting(
    '8000',
    'Port to listen on; 0 selects a free port; a path with a `/` is a Unix socket',
    port,
  ),
  HOST: setting(
    '127.0.0.1',
    'Address to listen on; `0.0.0.0` for every network interface (then set `ALLOWED_HOSTS` too)',
    address,
  ),
  ALLOWED_HOSTS: setting(
    'localhost,127.0.0.1,[::1]',
    'Host names that requests may use, without port; `*.example.org` allows every subdomain; other names get 421 (protects against DNS rebinding)',
    list(hostname),
  ),
  CORS_ORIGINS: setting(
    'http://localhost:8080,http://localhost:5173',
    'Origins whose pages may read responses (GET), compared exactly; empty means none',
    list(origin),
    'may be empty',
  ),
  TRUST_PROXY: setting(
    '0',
    '1 behind one proxy that sets `X-Forwarded-For`: the client’s address is then read from that header',
    flag,
  ),
  HEARTBEAT_MS: setting(
    '15000',
    'Time between heartbeats on an idle stream; use at most a third of the shortest proxy timeout',
    integer(100, 600_000),
  ),
  MAX_STREAM_AGE_MS: setting(
    '900000',
    'Maximum duration of a stream, shortened at random by up to 20 %; the client then reconnects and resumes',
    integer(1_000, 86_400_000),
  ),
  EVENT_LOG: setting(
    'memory',
    'Where events are kept: `memory`, or `lmdb:<directory>` on disk, so that clients resume after a restart of the server',
    eventLog,
  ),
  MAX_CONNECTIONS: setting(
    '0',
    'Maximum number of open connections; further ones are closed at once. 0: as many as `ulimit -n` allows',
    integer(0, 1_000_000),
  ),
  MAX_STREAMS: setting(
    '10000',
    'Maximum number of open streams; further ones are refused and retry later',
    integer(1, 1_000_000),
  ),
  MAX_STREAMS_PER_ADDRESS: setting(
    '2000',
    'Maximum number of open streams per client address; further ones are refused and retry later',
    integer(1, 1_000_000),
  ),
  MAX_TOPICS: setting(
    '16',
    'Maximum number of topics on one `/events` connection; more get 400',
    integer(1, 1_000),
  ),
  MAX_QUEUED_BYTES: setting(
    '65536',
    'Maximum number of bytes queued for one slow subscriber, in addition to its socket buffer',
    integer(1_024, 67_108_864),
  ),
  MAX_HEADER_BYTES: setting(
    '16384',
    'Maximum size of a request’s headers; larger ones get 431',
    integer(1_024, 1_048_576),
  ),
  MAX_BODY_BYTES: setting(
    '1024',
    'Maximum size of a request’s body; a larger one gets 413',
    integer(0, 1_048_576),
  ),
  HEADERS_TIMEOUT_MS: setting(
    '10000',
    'Time limit for receiving a request’s headers; slower requests get 408',
    integer(100, 600_000),
  ),
  DRAIN_MS: setting(
    '2000',
    'On SIGTERM, the time over which open streams are closed',
    integer(0, 600_000),
  ),
  LOG_LEVEL: setting(
    'info',
    'Lowest level written to the log: `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`',
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
  ),
  DEMO_FAULTS: setting(
    '0',
    '1 adds `POST /demo-faults/...`, with which any client can break streams; for demonstrations only',
    flag,
  ),
} satisfies Settings

const streamSettings: Settings = Object.fromEntries(
  streams.flatMap(({ settings = {} }) => Object.entries(settings)),
)

/** Every setting of the server and its streams. A test compares the README's table with it. */
export const settings: Settings = { ...serverSettings, ...streamSettings }

export interface Config extends SettingValues<typeof serverSettings> {
  /** The settings of all streams. Each stream gives its own their types. */
  readonly ofStreams: SettingValues<Settings>
}

/** @throws StartError `bad-setting`, one line that names the setting, its rule and the invalid value */
export function readConfig(env: Environment): Config {
  return {
    ...readSettings(serverSettings, env),
    ofStreams: readSettings(streamSettings, env),
  }
}
