/** Detects duplicate events of one topic on a multiplexed stream by their ids. */
import { parseEventId } from '@downlink/protocol'

/** Whether an event with this id is new. A second call with the same id returns false. */
export type IsNewId = (id: string) => boolean

/** Ids increase within an epoch, so the last id is enough. An event whose id is malformed counts as new. */
export function createSeenIds(): IsNewId {
  let last: ReturnType<typeof parseEventId>

  return (id) => {
    const parsed = parseEventId(id)
    if (!parsed) return true
    if (parsed.epoch === last?.epoch && parsed.seq <= last.seq) return false
    last = parsed
    return true
  }
}
