/** Logs JSON lines to standard output. It never blocks the process, and an output that fails does not end the process. */
import { Socket } from 'node:net'
import process from 'node:process'
import type { Writable } from 'node:stream'
import { destination, pino, type DestinationStream, type Logger } from 'pino'

/** Maximum size of the lines that are buffered for a blocked output. Further lines are dropped and counted. */
const MAX_BUFFERED_BYTES = 2 ** 20

export interface Log {
  readonly logger: Logger
  /** Lines dropped since the start. */
  readonly dropped: () => number
}

export function createLog(level: string): Log {
  let dropped = 0
  const onDrop = () => (dropped += 1)
  // Node writes to files synchronously, and to pipes and sockets without blocking.
  if (!(process.stdout instanceof Socket))
    return { logger: pino({ level }, toFile(onDrop)), dropped: () => dropped }
  let reported = 0
  const logger = pino({ level }, toStream(process.stdout, onDrop))
  process.stdout.on('drain', () => {
    if (dropped === reported) return
    logger.warn({ lines: dropped - reported }, 'log lines dropped: standard output was blocked')
    reported = dropped
  })
  return { logger, dropped: () => dropped }
}

/** Each line retries after an error, so logging continues when the disk has space again. */
function toFile(onDrop: () => void): DestinationStream {
  const output = destination({ dest: 1, sync: true, maxLength: MAX_BUFFERED_BYTES })
  output.on('error', () => undefined)
  output.on('drop', onDrop)
  return output
}

/** pino's own destination retries a blocked pipe synchronously, which would stop the process. */
function toStream(stream: Writable, onDrop: () => void): DestinationStream {
  return {
    write(line) {
      if (stream.writableLength + Buffer.byteLength(line) > MAX_BUFFERED_BYTES) onDrop()
      else stream.write(line)
    },
  }
}

/** Resolves when standard output has accepted the buffered lines, or after `maxMs`. */
export function flushed(maxMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (process.stdout.writableLength === 0) resolve()
    process.stdout.once('drain', resolve)
    setTimeout(resolve, maxMs)
  })
}
