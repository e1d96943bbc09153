/** Tells an event that was already delivered from a new one, by the ids of its topic on a multiplexed stream. */
import { parseEventId } from '@downlink/protocol'

/** Whether an event with this id is new; it is not new when asked again. */
export type IsNewId = (id: string) => boolean

/** Ids count up within their epoch, so the last one tells all. An id that is malformed tells nothing. */
export function createSeenIds(): IsNewId {
  let last: ReturnType<typeof parseEventId>

  return (id) => {
    const place = parseEventId(id)
    if (!place) return true
    if (place.epoch === last?.epoch && place.seq <= last.seq) return false
    last = place
    return true
  }
}
