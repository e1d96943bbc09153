/** The tables of the log in one LMDB environment. */
import { join } from 'node:path'
import { LogError } from '@downlink/hub'
import { open, type Database, type RootDatabase } from 'lmdb'
import { checkFile } from './check-file.ts'
import {
  decodeEntry,
  decodeState,
  entryKey,
  readSeq,
  type LogState,
  type StoredEntry,
  type TopicRecord,
} from './records.ts'

export type Table = Database<Buffer, Buffer>

/** Written once per start and when numbers are reserved. */
export interface Meta {
  readonly format: 1
  readonly epoch: string
  readonly durability: 'always' | 'interval'
  /** Numbers up to here may have been given out before the last crash of the operating system. */
  readonly reservedSeq: number
  /** How often the log was opened; a part of the tokens of leases, so that they increase over restarts. */
  readonly starts: number
  /** Events up to here may be lost; 0 if none are. */
  readonly lostSeq: number
  /** Whether the log was closed; everything is on disk then. */
  readonly isClosed: boolean
  readonly bootId: string | undefined
}

export interface Store {
  readonly env: RootDatabase<Buffer, Buffer>
  /** topic → record */
  readonly topics: Table
  /** topic, seq → entry */
  readonly events: Table
  /** seq → topic */
  readonly order: Table
  /** topic, event → latest value */
  readonly latest: Table
  /** seq → topic: topics without an entry, the one silent for longest first */
  readonly silent: Table
  /** idempotency key → seq and time */
  readonly keys: Table
  /** seq → idempotency key */
  readonly keyOrder: Table
  readonly meta: Table
  readMeta(): Meta | undefined
  /** Writes and waits for the disk, blocking the process. */
  writeMeta(meta: Meta, state?: Buffer): void
  readState(): LogState
  /** The name of the process that has the directory: see `owner.ts`. */
  readOwner(): string | undefined
  replaceOwner(expected: string | undefined, name: string): boolean
  topic(name: string): TopicRecord | undefined
  /** The entries of a topic after a seq and up to another, in order. */
  entries(topic: string, after: number, upTo: number): Iterator<StoredEntry>
}

const META = Buffer.from('meta')
const OWNER = Buffer.from('owner')
export const STATE = Buffer.from('state')

/** @throws {LogError} `invalid` for a file that is not this log's, with what to do. */
export function openStore(path: string, durability: Meta['durability']): Store {
  checkFile(join(path, 'data.mdb'))
  const binary = { encoding: 'binary', keyEncoding: 'binary', cache: false } as const
  const env = open<Buffer, Buffer>({
    path,
    ...binary,
    noSubdir: false,
    maxDbs: 16,
    // A commit of `always` resolves when it is on disk. With overlapping sync a commit resolves when it survives the
    // process, and LMDB writes it to disk right after that, in an order that survives a crash of the operating system.
    overlappingSync: durability === 'interval',
    // With batching, a failed commit also rejects an internal promise that the caller cannot handle.
    eventTurnBatching: false,
  })
  const table = (name: string): Table => env.openDB<Buffer, Buffer>(name, binary)
  // Names of tables end with NUL in the root table.
  const names = [...env.getKeys()].map((name) => Buffer.from(name).toString().replace(/\0$/, ''))
  if (names.length > 0 && !names.includes('downlink')) {
    void env.close()
    throw new LogError(
      'invalid',
      `${path} has an LMDB file of another program. Use another directory.`,
    )
  }
  const meta = table('downlink')
  const topics = table('topics')
  const events = table('events')

  return {
    env,
    meta,
    topics,
    events,
    order: table('order'),
    latest: table('latest'),
    silent: table('silent'),
    keys: table('keys'),
    keyOrder: table('key-order'),
    readMeta() {
      const bytes = meta.get(META)
      return bytes && (JSON.parse(bytes.toString()) as Meta)
    },
    writeMeta(next, state) {
      env.transactionSync(() => {
        void meta.put(META, Buffer.from(JSON.stringify(next)))
        if (state) void meta.put(STATE, state)
      })
    },
    readState: () => decodeState(meta.get(STATE)),
    readOwner,
    replaceOwner: (expected, name) =>
      env.transactionSync(() => {
        if (readOwner() !== expected) return false
        void meta.put(OWNER, Buffer.from(name))
        return true
      }),
    topic(name) {
      const bytes = topics.get(Buffer.from(name))
      return bytes && (JSON.parse(bytes.toString()) as TopicRecord)
    },
    *entries(topic, after, upTo) {
      const range = { start: entryKey(topic, after + 1), end: entryKey(topic, upTo + 1) }
      for (const { key, value } of events.getRange(range)) {
        yield decodeEntry(topic, readSeq(key), value)
      }
    },
  }

  function readOwner(): string | undefined {
    env.resetReadTxn()
    return meta.get(OWNER)?.toString()
  }
}
