/** What a failed transaction means for the callers. Nothing of it was stored, and LMDB goes on with the next. */
import { statfsSync } from 'node:fs'
import { LogError } from '@downlink/hub'

/** ENOSPC, EFBIG, EDQUOT, and LMDB's MDB_MAP_FULL. */
const FULL = new Set([28, 27, 122, -30_792])
/** EIO: what LMDB reports for a write that was cut short, as on a disk with less room than the write needs. */
const EIO = 5
/** With less than this left on the disk, EIO means that it is full. */
const FULL_BELOW_BYTES = 32 * 2 ** 20

export async function commitError(error: unknown, path: string): Promise<LogError> {
  const cause = await causeOf(error)
  const code = (cause as { code?: unknown }).code
  const isFull =
    typeof code === 'number' &&
    (FULL.has(code) || (code === EIO && freeBytes(path) < FULL_BELOW_BYTES))
  if (isFull) {
    return new LogError(
      'full',
      `The disk of ${path} is full: the event was not stored. Free some space; the log goes on by itself.`,
      { cause },
    )
  }
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new LogError(
    'unavailable',
    `${path} could not be written: ${reason}. The event was not stored.`,
    {
      cause,
    },
  )
}

/** lmdb rejects with an error whose `commitError` is a promise that rejects with the cause. */
async function causeOf(error: unknown): Promise<unknown> {
  try {
    await (error as { commitError?: Promise<never> }).commitError
    return error
  } catch (cause) {
    return cause
  }
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}
