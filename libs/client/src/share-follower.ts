/** A tab that has no connection of its own: it takes what the leader hands on, and notices what it missed. */
import type { Group } from './share-group.ts'
import { fromSent, isFromLeader, type Message } from './share-message.ts'
import { isBefore } from './share-place.ts'

/**
 * What hears the leader. Messages of a tab that has been replaced as the leader count for nothing. `sayWant`
 * tells the leader which topics this tab wants.
 */
export function createFollower(group: Group, sayWant: () => void): (message: Message) => boolean {
  const { core, me, listener, say } = group
  let leader: string | undefined
  let series = -1
  let nextNumber = 0
  /** It missed messages of this series, and takes nothing until the next one begins. */
  let missed: number | undefined

  return hear

  /** Whether the message was the leader's. */
  function hear(message: Message): boolean {
    if (!isFromLeader(message)) return false
    if (message.type === 'leader') {
      leader = message.from
      series = -1
      missed = undefined
      sayWant()
      return true
    }
    leader ??= message.from
    if (message.from !== leader) return false
    if (message.type === 'status') {
      if ((message.to ?? me) === me) listener.onStatus(fromSent(core, message.status))
    } else if (message.type === 'frame') {
      listener.onFrame?.(message.frame)
    } else if (message.type === 'events' && isNext(message)) {
      nextNumber = message.number + 1
      listener.onEvents(message.events, message.place)
    }
    return true
  }

  function isNext(message: Extract<Message, { type: 'events' }>): boolean {
    const { number, since } = message
    if (message.series === missed) return false
    const begins = message.series !== series
    series = message.series
    const from = group.place()
    // One that has read nothing has missed nothing.
    const follows = begins
      ? from === '' || (number === 0 && !isBefore(core, from, since))
      : number === nextNumber
    if (follows) return true
    missed = series
    say({ type: 'behind', place: from })
    return false
  }
}
