/** The settings of training runs. */
import { integer, setting, type SettingValues } from '../../setting.ts'

export const trainingSettings = {
  MAX_TRAINING_RUNS: setting(
    '100',
    'Maximum number of training runs in progress; further ones are refused and retry later',
    integer(1, 1_000),
  ),
  MAX_TRAINING_RUNS_PER_ADDRESS: setting(
    '10',
    'Maximum number of training runs in progress per client address; further ones are refused and retry later',
    integer(1, 1_000),
  ),
  MAX_KEPT_TRAINING_RUNS: setting(
    '20',
    'Maximum number of ended training runs that are listed and replayed; the oldest is dropped first',
    integer(0, 1_000),
  ),
  TRAINING_STEP_MS: setting(
    '20',
    'Time between two of the 1,000 steps of a training run; the pause before an epoch is 25 times as long. For tests',
    integer(1, 60_000),
  ),
}

export type TrainingSettings = SettingValues<typeof trainingSettings>
