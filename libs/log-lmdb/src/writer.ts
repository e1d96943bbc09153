/** Group commit: the calls of one tick, and those that come while a transaction is written, share the next transaction. */
import { LogError } from '@downlink/hub'
import { commitError } from './commit-error.ts'
import type { Draft } from './draft.ts'
import type { Store } from './store.ts'

export interface Writer {
  /**
   * Runs a change in the next transaction and resolves with its result once that is committed.
   *
   * @throws {LogError} as a rejection: what the change throws; `unavailable` if more than `maxPendingBytes` wait; `full`
   *   if the disk is full.
   */
  run<T>(change: (draft: Draft) => T, bytes: number): Promise<T>
  /** Resolves once nothing is pending. */
  idle(): Promise<void>
  /** Whether LMDB failed to write the last transaction. */
  readonly hasFailed: boolean
}

export interface WriterOptions {
  readonly store: Store
  readonly path: string
  readonly maxPendingBytes: number
  /** Monotonic milliseconds. */
  readonly monotonic: () => number
  begin(): Draft
  /** Makes sure that a number of seqs may be used. May block on the disk. */
  reserve(count: number): void
  committed(draft: Draft): void
}

interface Call {
  readonly bytes: number
  /** Applies the change; returns what settles the caller once the transaction is committed or has failed. */
  apply(draft: Draft): (failure?: LogError) => void
  reject(failure: LogError): void
}

const MAX_BATCH_CALLS = 2_000
const MAX_BATCH_BYTES = 8 * 2 ** 20
/** While the disk is full, one transaction per second tries again; LMDB prints a line for each that fails. */
const FULL_PAUSE_MS = 1_000

export function createWriter(options: WriterOptions): Writer {
  const { store, path, maxPendingBytes, monotonic } = options
  let pending: Call[] = []
  let pendingBytes = 0
  let running: Promise<void> | undefined
  let hasFailed = false
  let full: { readonly error: LogError; readonly untilMs: number } | undefined

  return {
    run(change, bytes) {
      return new Promise((resolve, reject) => {
        if (full && monotonic() < full.untilMs) throw full.error
        if (pendingBytes + bytes > maxPendingBytes) {
          throw new LogError(
            'unavailable',
            `${path} has ${pendingBytes} bytes of pending appends, and ${maxPendingBytes} are possible. Wait for earlier appends.`,
          )
        }
        pendingBytes += bytes
        pending.push({
          bytes,
          apply(draft) {
            try {
              const result = change(draft)
              return (failure) => {
                if (failure) reject(failure)
                else resolve(result)
              }
            } catch (error) {
              return () => reject(error instanceof Error ? error : new Error(String(error)))
            }
          },
          reject,
        })
        running ??= commitAll()
      })
    },
    async idle() {
      while (running) await running
    },
    get hasFailed() {
      return hasFailed
    },
  }

  async function commitAll(): Promise<void> {
    // The other calls of this tick come first.
    await Promise.resolve()
    while (pending.length > 0) await commit(take())
    running = undefined
  }

  function take(): Call[] {
    let bytes = 0
    let count = 0
    for (const call of pending) {
      if (count === MAX_BATCH_CALLS || (count > 0 && bytes + call.bytes > MAX_BATCH_BYTES)) break
      bytes += call.bytes
      count += 1
    }
    const calls = pending.slice(0, count)
    pending = pending.slice(count)
    pendingBytes -= bytes
    return calls
  }

  async function commit(calls: readonly Call[]): Promise<void> {
    const settle: ((failure?: LogError) => void)[] = []
    let draft
    try {
      options.reserve(calls.length)
      store.env.resetReadTxn()
      draft = options.begin()
      for (const call of calls) settle.push(call.apply(draft))
      draft.finish()
      if (draft.isDirty) await store.env.batch(draft.write)
    } catch (error) {
      hasFailed = true
      const failure = await commitError(error, path)
      if (failure.code === 'full') full = { error: failure, untilMs: monotonic() + FULL_PAUSE_MS }
      for (const done of settle) done(failure)
      for (const call of calls.slice(settle.length)) call.reject(failure)
      return
    }
    if (draft.isDirty) {
      hasFailed = false
      full = undefined
      options.committed(draft)
    }
    for (const done of settle) done()
  }
}
