/** What the parts of a tab that shares a connection have in common. */
import type { ConnectionListener } from '../connection/connection.ts'
import type { Settings } from '../options.ts'
import type { Received } from '../connection/received.ts'
import type { Core } from './core.ts'
import type { FollowerMessage, LeaderMessage } from './messages.ts'

export interface Group {
  readonly core: Core
  readonly settings: Settings
  /** This tab's name among the others. */
  readonly me: string
  /** This tab's own ear. */
  readonly listener: ConnectionListener
  /** Delivers events, the first of which has this number, unless the tab has them already. */
  readonly take: (events: readonly Received[], place: string, first: number) => void
  /** The number of the last event that this tab has read; 0 before the first. */
  readonly count: () => number
  /** Where this tab stands. */
  readonly place: () => string
  /** The topics of which this tab needs the start. */
  readonly added: readonly string[]
  /** The leader asks for these topics, and the starts that this tab needs are to come. */
  readonly grant: (topics: readonly string[]) => void
  /** The name of the lock that a tab holds while it lives. */
  readonly tabLock: (tab: string) => string
  readonly say: (message: LeaderMessage | FollowerMessage) => void
}
