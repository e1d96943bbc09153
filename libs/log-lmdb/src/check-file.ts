/** Refuses files on which LMDB would crash the process: it maps the file and trusts what it finds. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { LogError } from '@downlink/hub'

/** The header of each of LMDB's two meta pages: see `MDB_meta` in lmdb's mdb.c. */
const MAGIC = 0xbeefc0de
const MAGIC_AT = 24
const PAGE_SIZE_AT = 48
const LAST_PAGE_AT = 144
const TRANSACTION_AT = 152
const HEADER_BYTES = 160
/** LMDB does not write pages that one transaction allocates and frees, so a sound file can end before its last page. */
const UNWRITTEN_PAGES = 64

/** @throws {LogError} `invalid` for a file that is not LMDB's or was cut off. An absent or empty file is fine. */
export function checkFile(file: string): void {
  let fd
  try {
    fd = openSync(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  try {
    const { size } = fstatSync(fd)
    if (size === 0) return
    const first = readHeader(fd, 0)
    const pageSize = first?.pageSize ?? 0
    const second = pageSize > 0 ? readHeader(fd, pageSize) : undefined
    if (!first || !second) throw notLmdb(file)
    const newest = first.transaction > second.transaction ? first : second
    if (size < (newest.lastPage - UNWRITTEN_PAGES) * pageSize) {
      throw new LogError(
        'invalid',
        `${file} is damaged: it ends after ${size} bytes and should have ${(newest.lastPage + 1) * pageSize}. Restore it from a backup, or move the directory away to start a new history.`,
      )
    }
  } finally {
    closeSync(fd)
  }
}

function readHeader(fd: number, offset: number) {
  const bytes = Buffer.alloc(HEADER_BYTES)
  if (readSync(fd, bytes, 0, HEADER_BYTES, offset) < HEADER_BYTES) return undefined
  // LMDB writes its header in the byte order of the machine; the prebuilt binaries are all little-endian.
  if (bytes.readUInt32LE(MAGIC_AT) !== MAGIC) return undefined
  return {
    pageSize: bytes.readUInt32LE(PAGE_SIZE_AT),
    lastPage: Number(bytes.readBigUInt64LE(LAST_PAGE_AT)),
    transaction: bytes.readBigUInt64LE(TRANSACTION_AT),
  }
}

function notLmdb(file: string): LogError {
  return new LogError(
    'invalid',
    `${file} is not an LMDB file, or its beginning is damaged. Use an empty directory, or restore the file from a backup.`,
  )
}
