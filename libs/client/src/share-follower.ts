/** A tab that has no connection of its own: it takes what the leader hands on, and notices what it missed. */
import type { ConnectionListener } from './connection.ts'
import { fromSent, isFromLeader, type FollowerMessage, type Message } from './share-message.ts'
import { isBefore } from './share-place.ts'

export interface FollowerOptions {
  readonly me: string
  /** Where this tab stands. */
  readonly place: () => string
  /** Tells the leader which topics this tab wants. */
  readonly sayWant: () => void
  readonly say: (message: FollowerMessage) => void
  readonly listener: ConnectionListener
}

/** What hears the leader. Messages of a tab that has been replaced as the leader count for nothing. */
export function createFollower(options: FollowerOptions): (message: Message) => boolean {
  const { place, say, listener } = options
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
      options.sayWant()
      return true
    }
    leader ??= message.from
    if (message.from !== leader) return false
    if (message.type === 'status') {
      if (message.to !== undefined && message.to !== options.me) return true
      listener.onStatus(fromSent(message.status))
    } else if (message.type === 'frames') {
      listener.onFrames?.(message.frames)
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
    const from = place()
    // One that has read nothing has missed nothing.
    const follows = begins
      ? from === '' || (number === 0 && !isBefore(from, since))
      : number === nextNumber
    if (follows) return true
    missed = series
    say({ type: 'behind', place: from })
    return false
  }
}
