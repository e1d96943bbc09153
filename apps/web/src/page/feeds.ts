// Which events go to which panel.
import { instance, type ResumeOutcome, type UnpackFailure } from '@downlink/protocol'
import { stocks, systemStats, time, training } from '@downlink/protocol/streams'
import type { ConnectionModel } from '../connection/connection.svelte.ts'
import type { PageLink } from '../connection/page-link.ts'
import type { ClockModel } from '../streams/time/time.ts'
import type { StocksModel } from '../streams/stocks/stocks.ts'
import type { SystemModel } from '../streams/system-stats/system-stats.ts'
import type { TrainingModel } from '../streams/training/training.svelte.ts'
import type { PanelName } from '../settings/view-query.ts'

export interface Panels {
  readonly connection: ConnectionModel
  readonly clock: ClockModel
  readonly system: SystemModel
  readonly stocks: StocksModel
  readonly training: TrainingModel
  /** An event of a panel's topic broke its contract, and was left out. */
  onInvalid(panel: PanelName, failure: UnpackFailure): void
}

/** The topics that the page always reads. */
export const STANDING_TOPICS = [time.topic, systemStats.topic, stocks.topic] as const

/** The topic of one training run. */
export function runTopic(runId: string): string {
  return instance(training, runId).topic
}

/** Reads the standing topics. */
export function feedPanels(link: PageLink, panels: Panels): void {
  const { connection } = panels
  link.subscribe(time, {
    ...common('clock', panels),
    onEvent({ data }) {
      const at = Date.now()
      panels.clock.receive(data, at, connection.onEvent(at))
    },
    // All topics are on one connection: that it began is said once.
    onResume(outcome: ResumeOutcome) {
      connection.onResume(outcome, Date.now())
      if (outcome === 'gap') void panels.training.check()
    },
  })
  link.subscribe(systemStats, {
    ...common('system', panels),
    onEvent({ event, data }) {
      const at = Date.now()
      const held = connection.onEvent(at)
      // The panel shows the whole machine, not the limits of the server.
      if (event === 'message') panels.system.receive(data, at, held)
    },
  })
  link.subscribe(stocks, {
    ...common('stocks', panels),
    onEvent({ event, data }) {
      const at = Date.now()
      connection.onEvent(at)
      panels.stocks.receive(event, data, at)
    },
  })
}

/** Reads one training run; returns how to stop. */
export function feedRun(link: PageLink, runId: string, panels: Panels): () => void {
  return link.subscribe(instance(training, runId), {
    ...common('training', panels),
    onEvent(received) {
      const at = Date.now()
      const held = panels.connection.onEvent(at)
      if (received.event === 'progress') panels.training.receive(received.data, at, held)
      else panels.training.end(received, at)
    },
  })
}

function common(panel: PanelName, panels: Panels) {
  return {
    onDropped: (count: number) => panels.connection.onDropped(count),
    onInvalid: (failure: UnpackFailure) => panels.onInvalid(panel, failure),
  }
}
