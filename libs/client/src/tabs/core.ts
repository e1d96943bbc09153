/** What the link lends to the code of shared connections: imported there, it would have to be split from the link. */
import type { parseEventId } from '@downlink/protocol'
import type { wait } from '../clock.ts'
import type { createConnection } from '../connection/connection.ts'
import type { LinkError } from '../errors.ts'
import type { listen } from '../connection/page-events.ts'

export interface Core {
  readonly createConnection: typeof createConnection
  readonly wait: typeof wait
  readonly listen: typeof listen
  readonly parseEventId: typeof parseEventId
  readonly LinkError: typeof LinkError
}
