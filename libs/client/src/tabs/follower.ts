/** A tab that has no connection of its own: it takes what the leader hands on, and notices what it missed. */
import type { Group } from './tab-context.ts'
import { fromSent, type Message } from './messages.ts'
import { isBefore } from './place.ts'

/**
 * What hears the leader. Messages of a tab that has been replaced as the leader count for nothing. `sayWant`
 * tells the leader which topics this tab wants.
 */
export function createFollower(group: Group, sayWant: () => void): (message: Message) => boolean {
  const { core, me, settings, listener, say, grant, take } = group
  const plain = settings.format === 'plain'
  let leader: string | undefined
  /** None fits while it has missed some, until the leader counts anew. */
  let nextNumber = -1
  let missed = false

  return hear

  /** Whether the message was the leader's. */
  function hear(message: Message): boolean {
    const { type, from } = message
    if (type === 'leader') {
      leader = from
      missed = false
      sayWant()
    }
    // A tab that came late does not hear who leads, yet soon what the leader's status is.
    if (type === 'status') leader ??= from
    // By their numbers, events of the leader before complete what the next one continues.
    if (plain && type === 'events') take(message.events, message.place, message.first)
    if (from !== leader) return false
    if (type === 'status' && (message.to ?? me) === me) {
      if (message.topics) grant(message.topics)
      listener.onStatus(fromSent(core, message.status))
    } else if (type === 'frame') {
      listener.onFrame?.(message.frame)
    } else if (!plain && type === 'events' && isNext(message)) {
      take(message.events, message.place, message.first)
    }
    return true
  }

  function isNext({ number, since }: Extract<Message, { type: 'events' }>): boolean {
    const place = group.place()
    // One that has read nothing has missed nothing.
    const follows =
      place === '' || (number === 0 ? !isBefore(core, place, since) : number === nextNumber)
    nextNumber = follows ? number + 1 : -1
    if (!follows && (number === 0 || !missed)) say({ type: 'behind', place })
    missed = !follows
    return follows
  }
}
