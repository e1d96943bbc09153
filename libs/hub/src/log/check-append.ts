/** The checks of an append that every log makes before it touches its store. */
import { utf8Length } from '../utf8.ts'
import { isEventName, isTopic } from '@downlink/protocol'
import type { AppendOptions, HistoryLimits, NewEvent } from './event-log.ts'
import { LogError } from './log-error.ts'

/** The most characters of an idempotency key and of the name of a lease. */
export const MAX_KEY_LENGTH = 128

/**
 * The size of an event: bytes of its names and data as UTF-8.
 *
 * @throws {LogError} `invalid` for a malformed topic, event name, key or history limit; `too-large` for data of more than
 *   `maxEventBytes` bytes.
 */
export function checkAppend(
  { topic, event, data }: NewEvent,
  { idempotencyKey, history }: AppendOptions,
  maxEventBytes: number,
): number {
  if (!isTopic(topic))
    throw invalid(`The topic ${JSON.stringify(topic)} is malformed: see isTopic.`)
  if (!isEventName(event)) {
    throw invalid(`The event name ${JSON.stringify(event)} is malformed: see isEventName.`)
  }
  if (idempotencyKey !== undefined) checkKey('idempotency key', idempotencyKey)
  if (history) checkHistory(topic, history)
  const dataBytes = utf8Length(data)
  if (dataBytes > maxEventBytes) {
    throw new LogError(
      'too-large',
      `${topic} cannot append ${event}: ${dataBytes} bytes are over maxEventBytes, ${maxEventBytes}. Send a reference instead, or raise it.`,
    )
  }
  return topic.length + utf8Length(event) + dataBytes
}

/** @throws {LogError} `invalid` for a key outside 1 to 128 characters. */
export function checkKey(kind: string, key: string): void {
  if (key.length >= 1 && key.length <= MAX_KEY_LENGTH) return
  throw invalid(`The ${kind} has ${key.length} characters: use 1 to ${MAX_KEY_LENGTH}.`)
}

function checkHistory(topic: string, history: HistoryLimits): void {
  for (const [limit, value] of Object.entries(history) as [string, number | undefined][]) {
    if (value === undefined || value >= 0) continue
    throw invalid(`${topic} cannot keep history with ${limit} = ${value}: use a number from 0.`)
  }
}

function invalid(message: string): LogError {
  return new LogError('invalid', message)
}
