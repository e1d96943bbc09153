// The text of a panel's state: in the pill beside the heading, and in the notice below the values.
import type { Formats } from '../ui/format.ts'
import type { PanelState } from './panel-state.ts'
import type { IconName } from '../ui/icons.ts'
import type { Tone } from '../ui/StatusPill.svelte'

export interface PillLabel {
  readonly tone: Tone
  readonly icon: IconName | 'dot' | 'none'
  readonly text: string
}

export interface NoticeLabel {
  readonly tone: 'warn' | 'muted' | 'plain'
  readonly text: string
  /** A second sentence, less prominent: what happens next. */
  readonly next?: string
}

export function pillLabel(state: PanelState, now: number): PillLabel {
  switch (state.kind) {
    case 'connecting':
      return { tone: 'info', icon: 'clock', text: 'Connecting' }
    case 'live':
      return { tone: 'good', icon: 'dot', text: 'Live' }
    case 'stale':
      return { tone: 'warn', icon: 'clock', text: `No data for ${seconds(now - state.since)} s` }
    case 'reconnecting':
      return { tone: 'warn', icon: 'retry', text: countdown(state.retryAt, now) }
    case 'offline':
      return { tone: 'idle', icon: 'offline', text: 'Offline' }
    case 'ended':
      return { tone: 'idle', icon: 'check', text: 'Ended' }
    case 'error':
      return { tone: 'bad', icon: 'warning', text: 'Error' }
    case 'paused':
      return { tone: 'info', icon: 'pause', text: `Paused, ${state.unseen} new` }
    case 'empty':
      return { tone: 'idle', icon: 'none', text: 'Not started' }
  }
}

/** Null for a state that needs no explanation. `lastAt` is when the newest value was received. */
export function noticeLabel(
  state: PanelState,
  lastAt: number | null,
  formats: Formats,
): NoticeLabel | null {
  const from = lastAt === null ? '' : `Values from ${formats.time(lastAt)}. `
  switch (state.kind) {
    case 'connecting':
    case 'live':
    case 'empty':
      return null
    case 'stale': {
      const last = lastAt === null ? 'No value yet.' : `Last value at ${formats.time(lastAt)}.`
      const text = `${last} The connection is open, but this topic is quiet.`
      return { tone: 'warn', text }
    }
    case 'reconnecting': {
      const attempt = state.attempt > 0 ? `Attempt ${state.attempt}. ` : ''
      return { tone: 'warn', text: `${attempt}Missed events are replayed when it is back.` }
    }
    case 'offline':
      return { tone: 'muted', text: `Your device is offline. ${from}Reconnects by itself.` }
    case 'ended':
      return { tone: 'muted', text: `The server has ended the stream: ${state.reason}. ${from}` }
    case 'error':
      return { tone: 'plain', text: state.message, next: state.next }
    case 'paused':
      return {
        tone: 'muted',
        text: `Frozen at ${formats.time(state.at)}. Events are still recorded.`,
      }
  }
}

function countdown(retryAt: number | null, now: number): string {
  const left = retryAt === null ? 0 : Math.ceil((retryAt - now) / 1000)
  return left > 0 ? `Reconnecting in ${left} s` : 'Reconnecting'
}

function seconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000))
}
