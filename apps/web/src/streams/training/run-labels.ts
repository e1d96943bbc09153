// What a training run is called in each of its phases, and what its button says.
import type { PanelState } from '../../panel/panel-state.ts'
import type { PillWords } from '../../panel/panel-labels.ts'
import type { Phase } from './training.svelte.ts'

/** The pill beside the heading; `lost` while the connection is away. */
export function runPill(phase: Phase, lost: boolean): PillWords {
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

/** The panel's state that a phase amounts to. */
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
