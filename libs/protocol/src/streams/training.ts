/** One run of a model's training, from its first step to `complete`, or to `cancelled` before its time. */
import * as v from 'valibot'
import { defineStream, json, text } from '../contract/index.ts'

const count = v.pipe(v.number(), v.integer(), v.minValue(1))

const progress = v.object({
  epoch: count,
  total_epochs: count,
  /** Within the epoch. */
  progress_percent: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
  loss: v.pipe(v.number(), v.minValue(0)),
})

export type TrainingProgress = v.InferOutput<typeof progress>

export const training = defineStream({
  topic: 'training',
  events: {
    progress: json(progress),
    complete: text(v.string()),
    /** How far it had come: of the same shape as `progress`, so who tells `complete` apart has told all apart. */
    cancelled: json(progress),
  },
  overflow: 'disconnect',
  finalEvents: ['complete', 'cancelled'],
})
