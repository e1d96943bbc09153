/** How the log's records are written as bytes. Numbers are big-endian, so that keys sort by number. */
import type { HistoryLimits, LogEntry } from '@downlink/hub'

export interface StoredEntry extends LogEntry {
  /** When it was appended, on the log's running time: see `clock.ts`. */
  readonly logMs: number
}

/** What is known of a topic, also after its entries are trimmed. */
export interface TopicRecord {
  /** Kept entries and their bytes. */
  events: number
  bytes: number
  createdSeq: number
  newestSeq: number
  /** The newest seq that was trimmed. */
  trimmedSeq: number
  /** The key in the table of silent topics; 0 if the topic is not silent. */
  silentSeq: number
  hasEnded: boolean
  limits: HistoryLimits
}

/** Written with every transaction. */
export interface LogState {
  seq: number
  events: number
  bytes: number
  /** The newest trimmed seq of all forgotten topics. */
  forgottenSeq: number
  silentTopics: number
  idempotencyKeys: number
  /** Newest values of the log's two times. */
  atMs: number
  logMs: number
}

const SEQ_BYTES = 6
/** No topic and no event name contains it. */
const SEPARATOR = '\0'
const END = '\x01'

export function seqKey(seq: number): Buffer {
  const key = Buffer.allocUnsafe(SEQ_BYTES)
  key.writeUIntBE(seq, 0, SEQ_BYTES)
  return key
}

export function readSeq(bytes: Buffer): number {
  return bytes.readUIntBE(bytes.length - SEQ_BYTES, SEQ_BYTES)
}

export function entryKey(topic: string, seq: number): Buffer {
  const key = Buffer.allocUnsafe(topic.length + 1 + SEQ_BYTES)
  key.write(topic, 'latin1')
  key[topic.length] = 0
  key.writeUIntBE(seq, topic.length + 1, SEQ_BYTES)
  return key
}

export function latestKey(topic: string, event: string): Buffer {
  return Buffer.from(topic + SEPARATOR + event)
}

/** The keys of a topic's latest values. */
export function latestRange(topic: string): { start: Buffer; end: Buffer } {
  return { start: Buffer.from(topic + SEPARATOR), end: Buffer.from(topic + END) }
}

const HEADER_BYTES = 18

export function encodeEntry({ atMs, logMs, event, data }: StoredEntry): Buffer {
  const eventBytes = Buffer.byteLength(event)
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + eventBytes + Buffer.byteLength(data))
  bytes.writeDoubleBE(atMs, 0)
  bytes.writeDoubleBE(logMs, 8)
  bytes.writeUInt16BE(eventBytes, 16)
  bytes.write(event, HEADER_BYTES)
  bytes.write(data, HEADER_BYTES + eventBytes)
  return bytes
}

export function decodeEntry(topic: string, seq: number, bytes: Buffer): StoredEntry {
  const dataStart = HEADER_BYTES + bytes.readUInt16BE(16)
  return {
    topic,
    event: bytes.toString('utf8', HEADER_BYTES, dataStart),
    data: bytes.toString('utf8', dataStart),
    seq,
    atMs: bytes.readDoubleBE(0),
    logMs: bytes.readDoubleBE(8),
  }
}

/** A latest value: the seq of an entry that is kept, or the seq and the entry itself. */
export function encodeLatest(entry: StoredEntry, isKept: boolean): Buffer {
  const seq = seqKey(entry.seq)
  return isKept ? seq : Buffer.concat([encodeEntry(entry), seq])
}

export function isReference(latest: Buffer): boolean {
  return latest.length === SEQ_BYTES
}

/** Decodes a latest value that contains the entry itself (`isReference` is false). */
export function decodeLatest(topic: string, latest: Buffer): StoredEntry {
  return decodeEntry(topic, readSeq(latest), latest.subarray(0, latest.length - SEQ_BYTES))
}

const STATE_FIELDS = [
  'seq',
  'events',
  'bytes',
  'forgottenSeq',
  'silentTopics',
  'idempotencyKeys',
  'atMs',
  'logMs',
] as const satisfies (keyof LogState)[]

export function encodeState(state: LogState): Buffer {
  const bytes = Buffer.allocUnsafe(8 * STATE_FIELDS.length)
  for (const [i, field] of STATE_FIELDS.entries()) bytes.writeDoubleBE(state[field], 8 * i)
  return bytes
}

export function decodeState(bytes: Buffer | undefined): LogState {
  const state: LogState = {
    seq: 0,
    events: 0,
    bytes: 0,
    forgottenSeq: 0,
    silentTopics: 0,
    idempotencyKeys: 0,
    atMs: 0,
    logMs: 0,
  }
  if (bytes)
    for (const [i, field] of STATE_FIELDS.entries()) state[field] = bytes.readDoubleBE(8 * i)
  return state
}

export function encodeKeyUse(seq: number, logMs: number): Buffer {
  const bytes = Buffer.allocUnsafe(8 + SEQ_BYTES)
  bytes.writeDoubleBE(logMs, 0)
  bytes.writeUIntBE(seq, 8, SEQ_BYTES)
  return bytes
}

export function decodeKeyUse(bytes: Buffer): { seq: number; logMs: number } {
  return { seq: readSeq(bytes), logMs: bytes.readDoubleBE(0) }
}
