/** The log: JSON lines on standard output, which may fail without ending anything else. */
import { destination, pino, type Logger } from 'pino'

/** The most bytes of lines that wait for a disk with room again; further ones are left out. */
const MAX_WAITING_BYTES = 2 ** 20

export function createLog(level: string): Logger {
  const output = destination({ dest: 1, sync: true, maxLength: MAX_WAITING_BYTES })
  // There is nowhere left to tell it. Each line tries again, so the log goes on when there is room.
  output.on('error', () => undefined)
  return pino({ level }, output)
}
