// The stream `training`: simulated training runs, one topic per run.
import { training } from '@downlink/protocol/streams'
import { defineStreamPanel } from '../../panel/stream-panel.ts'
import { TrainingModel } from './training.svelte.ts'
import TrainingPanel from './TrainingPanel.svelte'

export const trainingPanel = defineStreamPanel({
  contract: training,
  title: 'Training run',
  shortTitle: 'Training',
  shortcut: '3',
  columns: 7,
  colour: 'muted',
  createModel: (dashboard) => new TrainingModel(dashboard),
  Panel: TrainingPanel,
})
