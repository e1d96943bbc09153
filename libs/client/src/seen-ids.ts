/** Tells an event that was already delivered from a new one, by the ids of its topic. */
import { parseEventId } from '@downlink/protocol'

/** Ids in no order can only be remembered; the oldest are forgotten beyond this many a topic. */
const MAX_REMEMBERED = 1_000

/** Whether an event with this id of its own is new; it is not new when asked again. */
export type IsNewId = (id: string) => boolean

/**
 * The ids of one topic. Where those of the form `<epoch>-<seq>` count up within their epoch, the last one tells
 * all; of others the latest 1,000 are remembered.
 */
export function createSeenIds(counted: boolean): IsNewId {
  let last: ReturnType<typeof parseEventId>
  const remembered = new Set<string>()

  return (id) => {
    const place = counted ? parseEventId(id) : undefined
    if (place) {
      if (place.epoch === last?.epoch && place.seq <= last.seq) return false
      last = place
    } else if (id !== '') {
      if (remembered.has(id)) return false
      remembered.add(id)
      const [oldest = ''] = remembered
      if (remembered.size > MAX_REMEMBERED) remembered.delete(oldest)
    }
    return true
  }
}
