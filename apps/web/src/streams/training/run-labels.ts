// The phases of a training run as the state and the pill of its panel.
import type { PillLabel } from '../../panel/panel-labels.ts'
import type { PanelState } from '../../panel/panel-state.ts'
import type { Phase } from './training.svelte.ts'

/** `lost` says whether the connection is lost. */
export function runPill(phase: Phase, lost: boolean): PillLabel {
  switch (phase.kind) {
    case 'empty':
      return { tone: 'idle', icon: 'none', text: 'Not started' }
    case 'starting':
      return { tone: 'info', icon: 'clock', text: 'Starting' }
    case 'running':
      if (lost) return { tone: 'warn', icon: 'retry', text: 'Reconnecting to the run' }
      return { tone: 'info', icon: 'dot', text: 'Running' }
    case 'complete':
      return { tone: 'idle', icon: 'check', text: 'Ended' }
    case 'cancelled':
      return { tone: 'idle', icon: 'close', text: 'Cancelled' }
    case 'failed':
      return { tone: 'bad', icon: 'warning', text: 'Error' }
  }
}

export function runState(phase: Phase): PanelState {
  switch (phase.kind) {
    case 'empty':
      return { kind: 'empty' }
    case 'starting':
    case 'running':
      return { kind: 'live' }
    case 'complete':
    case 'cancelled':
      return { kind: 'ended', reason: phase.kind }
    case 'failed':
      return { kind: 'error', message: phase.message, next: '', details: '' }
  }
}
