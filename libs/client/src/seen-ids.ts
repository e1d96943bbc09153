/** Tells an event that was already delivered from a new one, by the ids of its topic. */
import { parseEventId } from '@downlink/protocol'

/** Ids in no order can only be remembered; the oldest are forgotten beyond this many a topic. */
const MAX_REMEMBERED = 1_000

export interface SeenIds {
  /** Whether an event with this id is new; it is not new when asked again. Without an id it always is. */
  isNew(id: string): boolean
}

/**
 * The ids of one topic. Those of the form `<epoch>-<seq>` count up within their epoch, so the last one
 * tells all; of others the latest 1,000 are remembered.
 */
export function createSeenIds(): SeenIds {
  let lastEpoch: string | undefined
  let lastSeq = -1
  const remembered = new Set<string>()
  let latest = ''

  return {
    isNew(id) {
      if (id === '') return true
      const place = parseEventId(id)
      return place === undefined ? isNewText(id) : isNewPlace(place.epoch, place.seq)
    },
  }

  function isNewPlace(epoch: string, seq: number): boolean {
    if (epoch === lastEpoch && seq <= lastSeq) return false
    lastEpoch = epoch
    lastSeq = seq
    return true
  }

  function isNewText(id: string): boolean {
    // An event without an id of its own carries the one before it: the same again is not a repeat.
    if (id === latest) return true
    if (remembered.has(id)) return false
    latest = id
    remembered.add(id)
    if (remembered.size > MAX_REMEMBERED) {
      const [oldest] = remembered
      if (oldest !== undefined) remembered.delete(oldest)
    }
    return true
  }
}
