/** A training run as the API shows it. The type and OpenAPI derive from one schema. */
import * as v from 'valibot'

const timestamp = v.pipe(v.string(), v.isoTimestamp())

export const runView = v.object({
  id: v.string(),
  state: v.picklist(['running', 'complete', 'cancelled']),
  topic: v.pipe(v.string(), v.regex(/^training\//), v.description('The topic on /events.')),
  startedAt: timestamp,
  endedAt: v.nullable(timestamp),
  totalEpochs: v.pipe(v.number(), v.integer()),
  epoch: v.pipe(
    v.nullable(v.pipe(v.number(), v.integer())),
    v.description('The epoch of the latest step; null before the first step.'),
  ),
  progressPercent: v.pipe(v.nullable(v.number()), v.description('Progress within the epoch.')),
  loss: v.nullable(v.number()),
})

export const runList = v.object({ runs: v.array(runView) })

export type RunView = Readonly<v.InferOutput<typeof runView>>
export type RunState = RunView['state']
