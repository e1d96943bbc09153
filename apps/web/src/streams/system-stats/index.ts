// The stream `system-stats`: CPU and memory of the server's machine.
import { systemStats } from '@downlink/protocol/streams'
import { defineStreamPanel } from '../../panel/stream-panel.ts'
import { INTERVAL_MS, SystemStatsModel } from './system-stats.ts'
import SystemStatsPanel from './SystemStatsPanel.svelte'

export const systemStatsPanel = defineStreamPanel({
  contract: systemStats,
  title: 'System',
  shortcut: '2',
  columns: 8,
  colour: 's2',
  timing: { kind: 'interval', event: 'message', intervalMs: INTERVAL_MS },
  createModel: () => new SystemStatsModel(),
  Panel: SystemStatsPanel,
})
