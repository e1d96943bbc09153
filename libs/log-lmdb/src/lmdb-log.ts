/** A durable event log for one process on one node, in an LMDB environment. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { checkAppend, createLeases, LogError, type EventLog, type LogFollower } from '@downlink/hub'
import { createLogClock } from './clock.ts'
import { createDraft } from './draft.ts'
import { takeOwnership, type Ownership } from './owner.ts'
import { createReader } from './reader.ts'
import { encodeState, type LogState } from './records.ts'
import { openStore, STATE, type Meta, type Store } from './store.ts'
import { createWriter } from './writer.ts'

export interface LmdbLogOptions {
  /** The directory. It is created if it does not exist, and one process at a time can open it. */
  readonly path: string
  /**
   * When an append resolves: `always`, once the event is on disk; `interval`, once it survives a crash of the process. With
   * `interval`, a crash of the operating system can lose the events of about the last second, which is then a gap with reason
   * `lost`. Default `interval`.
   */
  readonly durability?: 'always' | 'interval'
  /** The most events kept. Default 1,000,000; the oldest goes first. */
  readonly maxEvents?: number
  /** The most bytes of names and data kept, as UTF-8. Default 1 GiB; the oldest goes first. The file is about twice as large. */
  readonly maxBytes?: number
  /** The longest an event is kept while a process has the log open, in milliseconds. Default 24 hours. */
  readonly maxAgeMs?: number
  /** The most bytes of data of one event, as UTF-8. Default 4 MiB; more is rejected with `too-large`. */
  readonly maxEventBytes?: number
  /**
   * The most topics without a kept event whose latest values, trimmed positions and final events are remembered.
   * Default 10,000; beyond, the one silent for longest is forgotten, and resuming it is a gap.
   */
  readonly maxSilentTopics?: number
  /** How long an idempotency key is remembered while a process has the log open, in milliseconds. Default 5 minutes. */
  readonly idempotencyMs?: number
  /** The most idempotency keys remembered. Default 100,000; beyond, the oldest is forgotten before its time. */
  readonly maxIdempotencyKeys?: number
  /** The most bytes of appends that wait for a transaction. Default 64 MiB; more is rejected with `unavailable`. */
  readonly maxPendingBytes?: number
  /** For tests. */
  readonly system?: LogSystem
}

/** What the log asks the operating system. */
export interface LogSystem {
  /** Monotonic milliseconds from any start. Default `performance.now`. */
  readonly monotonic?: () => number
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly wall?: () => number
  /** Names this run of the operating system; undefined if it has no name, and every crash may have lost events. */
  readonly bootId?: () => string | undefined
}

const DEFAULTS = {
  maxEvents: 1_000_000,
  maxBytes: 2 ** 30,
  maxAgeMs: 24 * 60 * 60_000,
  maxEventBytes: 4 * 2 ** 20,
  maxSilentTopics: 10_000,
  idempotencyMs: 5 * 60_000,
  maxIdempotencyKeys: 100_000,
  maxPendingBytes: 64 * 2 ** 20,
}
/** How many numbers are reserved at once. Skipping some costs nothing: there are 2^48. */
const RESERVED = 2 ** 20
/** Leases of one process. */
const TOKENS_PER_START = 2 ** 32

/**
 * Opens the log, or creates it.
 *
 * @throws {LogError} as a rejection: `invalid` for an option below 0, and for a file that is damaged or of another program;
 *   `unavailable` while another log has the directory.
 */
export async function createLmdbLog(options: LmdbLogOptions): Promise<EventLog> {
  const settings = checkOptions(options)
  const { durability = 'interval', system = {} } = options
  const {
    monotonic = () => performance.now(),
    wall = () => Date.now(),
    bootId = readBootId,
  } = system
  mkdirSync(options.path, { recursive: true })
  const path = realpathSync(options.path)
  let store: Store | undefined
  try {
    store = openStore(path, durability)
    const ownership = await takeOwnership(path, store)
    return openLog({
      store,
      ownership,
      path,
      settings,
      durability,
      monotonic,
      wall,
      bootId: bootId(),
    })
  } catch (error) {
    await store?.env.close()
    throw error
  }
}

interface LogParts {
  readonly store: Store
  readonly ownership: Ownership
  readonly path: string
  readonly settings: typeof DEFAULTS
  readonly durability: Meta['durability']
  readonly monotonic: () => number
  readonly wall: () => number
  readonly bootId: string | undefined
}

function openLog(parts: LogParts): EventLog {
  const { store, ownership, path, settings, monotonic } = parts
  let { meta, state } = start(parts)
  const { epoch, starts } = meta
  const clock = createLogClock(state, parts)
  let tokens = 0
  const leases = createLeases({
    now: monotonic,
    nextToken: () => starts * TOKENS_PER_START + (tokens += 1),
  })
  const followers = new Set<LogFollower>()
  const writer = createWriter({
    store,
    path,
    maxPendingBytes: settings.maxPendingBytes,
    monotonic,
    begin: () => createDraft({ store, limits: settings, clock, leases, state }),
    reserve(count) {
      if (state.seq + count <= meta.reservedSeq) return
      const next = { ...meta, reservedSeq: state.seq + count + RESERVED }
      store.writeMeta(next)
      meta = next
    },
    committed(draft) {
      state = draft.state
      if (draft.entries.length === 0) return
      for (const follower of followers) {
        try {
          follower.onEntries(draft.entries)
        } catch (error) {
          // The events are stored: neither their publishers nor other followers are affected.
          queueMicrotask(() => {
            throw error
          })
        }
      }
    },
  })
  const reader = createReader({
    store,
    epoch,
    lostSeq: meta.lostSeq,
    limits: settings,
    clock,
    state: () => state,
    trim: (topics) =>
      writer.run((draft) => {
        for (const topic of topics) draft.trimTopic(topic)
      }, 0),
  })
  let closing: Promise<void> | undefined

  return {
    append: (event, appendOptions = {}) =>
      call(async () => {
        const size = checkAppend(event, appendOptions, settings.maxEventBytes)
        const { seq, duplicate } = await writer.run(
          (draft) => draft.append(event, size, appendOptions),
          size,
        )
        return { id: { epoch, seq }, duplicate }
      }),
    readAfter: (position, topics, limit) => call(() => reader.readAfter(position, topics, limit)),
    latest: (topics) => call(() => reader.latest(topics)),
    now: () => clock.now(),
    follow(follower) {
      followers.add(follower)
      follower.onPosition({ epoch, seq: state.seq })
      return () => followers.delete(follower)
    },
    lease: (name, ttlMs) => call(() => leases.take(name, ttlMs)),
    forget: (topic) =>
      call(async () => {
        while (!(await writer.run((draft) => draft.forget(topic), 0)));
      }),
    close() {
      closing ??= close()
      return closing
    },
  }

  /** Calls at once; what it throws rejects. */
  function call<T>(run: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve) => {
      if (closing) throw new LogError('closed', `The log in ${path} is closed: open it again.`)
      resolve(run())
    })
  }

  async function close(): Promise<void> {
    await writer.idle()
    try {
      // After a failed transaction LMDB waits forever for it when it closes, until another one succeeds.
      if (writer.hasFailed)
        await store.env.batch(() => void store.meta.put(STATE, encodeState(state)))
      const times = { atMs: clock.now(), logMs: clock.logMs() }
      store.writeMeta({ ...meta, isClosed: true }, encodeState({ ...state, ...times }))
      await store.env.close()
    } catch {
      // On a full disk the next start treats this as a crash of the process: nothing is lost.
      void store.env.close()
    }
    ownership.release()
  }
}

/** Decides what the last run left, and reserves numbers for this one before any is used. */
function start({ store, path, durability, bootId }: LogParts): { meta: Meta; state: LogState } {
  const last = store.readMeta()
  const state = store.readState()
  if (last && (last.format as number) !== 1) {
    throw new LogError(
      'invalid',
      `${path} was written by a newer version (format ${last.format as number}). Update @downlink/log-lmdb, or use another directory.`,
    )
  }
  // LMDB has gone back to what was on disk: numbers that were given out since are in no record.
  const isLost =
    last?.durability === 'interval' &&
    !last.isClosed &&
    (bootId === undefined || last.bootId !== bootId)
  if (isLost) state.seq = last.reservedSeq
  const meta: Meta = {
    format: 1,
    epoch: last?.epoch ?? randomBytes(6).toString('hex'),
    durability,
    reservedSeq: state.seq + RESERVED,
    starts: (last?.starts ?? 0) + 1,
    lostSeq: isLost ? state.seq : (last?.lostSeq ?? 0),
    isClosed: false,
    bootId,
  }
  store.writeMeta(meta, encodeState(state))
  return { meta, state }
}

function checkOptions(options: LmdbLogOptions): typeof DEFAULTS {
  const settings = { ...DEFAULTS }
  for (const option of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
    const value = options[option] ?? DEFAULTS[option]
    if (!(value >= 0)) {
      throw new LogError(
        'invalid',
        `createLmdbLog cannot take ${option} = ${value}: give a number from 0.`,
      )
    }
    settings[option] = value
  }
  return settings
}

function readBootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return undefined
  }
}
