// The stream `time`: the server's clock.
import { time } from '@downlink/protocol/streams'
import { defineStreamPanel } from '../../panel/stream-panel.ts'
import { parseTime, TimeModel } from './time.ts'
import TimePanel from './TimePanel.svelte'

export const timePanel = defineStreamPanel({
  contract: time,
  title: 'Clock',
  shortcut: '1',
  columns: 4,
  colour: 's1',
  timing: {
    kind: 'timestamp',
    sentAtMs(data) {
      const parsed = parseTime(data)
      return parsed && parsed.secondOfDay * 1000
    },
  },
  createModel: ({ connection }) => new TimeModel(connection.lateness),
  Panel: TimePanel,
})
