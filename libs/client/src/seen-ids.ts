/** Tells an event that was already delivered from a new one, by the ids of its topic. */
import { parseEventId } from '@downlink/protocol'

/** Ids in no order can only be remembered; the oldest are forgotten beyond this many a topic. */
const MAX_REMEMBERED = 1_000

/** Whether an event with this id is new; it is not new when asked again. Without an id it always is. */
export type IsNewId = (id: string) => boolean

/**
 * The ids of one topic. Those of the form `<epoch>-<seq>` count up within their epoch, so the last one
 * tells all; of others the latest 1,000 are remembered.
 */
export function createSeenIds(): IsNewId {
  let last: ReturnType<typeof parseEventId>
  let latest = ''
  const remembered = new Set<string>()

  return (id) => {
    const place = parseEventId(id)
    if (place) {
      if (place.epoch === last?.epoch && place.seq <= last.seq) return false
      last = place
    } else if (id !== latest && id !== '') {
      // An event without an id of its own carries the one before it: the same again is not a repeat.
      if (remembered.has(id)) return false
      latest = id
      remembered.add(id)
      const [oldest = ''] = remembered
      if (remembered.size > MAX_REMEMBERED) remembered.delete(oldest)
    }
    return true
  }
}
