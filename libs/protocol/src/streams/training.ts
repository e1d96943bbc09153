/** A training run of a model: progress events, then `complete` or `cancelled`. */
import * as v from 'valibot'
import { defineStream, json, text } from '../index.ts'

const count = v.pipe(v.number(), v.integer(), v.minValue(1))

const progress = v.object({
  epoch: count,
  total_epochs: count,
  /** Progress within the current epoch. */
  progress_percent: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
  loss: v.pipe(v.number(), v.minValue(0)),
})

export type TrainingProgress = v.InferOutput<typeof progress>

export const training = defineStream({
  topic: 'training',
  events: {
    progress: json(progress),
    complete: text(v.string()),
    /** The progress at the time of cancellation. */
    cancelled: json(progress),
  },
  overflow: 'disconnect',
  finalEvents: ['complete', 'cancelled'],
})
