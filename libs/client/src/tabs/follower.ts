/** A tab without a connection: it delivers what the leader forwards, and detects what it missed. */
import { fromSentStatus, type Message } from './messages.ts'
import { isBefore, type TabContext } from './tab-context.ts'

/**
 * Returns a function that receives the messages of other tabs, and returns whether a message came from the leader. Messages
 * of a former leader are ignored. `sendTopics` tells the leader which topics this tab reads.
 */
export function createFollower(
  context: TabContext,
  sendTopics: () => void,
): (message: Message) => boolean {
  const { tabId, settings, listener, broadcast, setActiveTopics, deliver } = context
  const plain = settings.format === 'plain'
  let leaderId: string | undefined
  /** The number of the batch that comes next. -1 after a gap: no batch is delivered until the leader goes back. */
  let nextBatch = -1
  let isBehind = false

  return receive

  function receive(message: Message): boolean {
    const { type, from } = message
    if (type === 'leader') {
      leaderId = from
      isBehind = false
      sendTopics()
    }
    // A tab that opened late missed the leader's announcement, but soon receives its status.
    if (type === 'status') leaderId ??= from
    // On the plain format, numbers continue across leaders. The last events of a former leader come before those of the next.
    if (plain && type === 'events')
      deliver(message.events, message.lastEventId, message.firstNumber)
    if (from !== leaderId) return false
    if (type === 'status' && (message.to ?? tabId) === tabId) {
      if (message.topics) setActiveTopics(message.topics)
      listener.onStatus(fromSentStatus(message.status))
    } else if (type === 'frame') {
      listener.onFrame?.(message.frame)
    } else if (!plain && type === 'events' && isNext(message)) {
      deliver(message.events, message.lastEventId, message.firstNumber)
    }
    return true
  }

  /** Whether a batch continues what this tab has received. If it does not, the leader is asked to go back. */
  function isNext({ batch, startId }: Extract<Message, { type: 'events' }>): boolean {
    const lastEventId = context.lastEventId()
    const follows =
      // A tab that has received nothing has missed nothing.
      lastEventId === '' || (batch === 0 ? !isBefore(lastEventId, startId) : batch === nextBatch)
    nextBatch = follows ? batch + 1 : -1
    if (!follows && (batch === 0 || !isBehind)) broadcast({ type: 'behind', lastEventId })
    isBehind = !follows
    return follows
  }
}
