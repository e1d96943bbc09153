/* global TextDecoder, performance */
// One regime: everybody in turn, many times, so that a busy machine slows all alike.
import { decodeRegimes, encodeRegimes } from './regimes.mjs'
import {
  byteDecoders,
  byteEncoders,
  limits,
  ours,
  streamDecoders,
  stringDecoders,
  stringEncoders,
} from './subjects.mjs'

const WARM_UP_RUNS = 4
const ROUNDS = 25
const SLOW_MS = 250
/** A sample takes at least this long for us: a browser's clock has steps of 0.1 ms. */
const SAMPLE_MS = 4
const MOST_TURNS = 100

/** The names of all that can be measured: `bytes: tiny JSON, one a chunk` and so on. */
export const names = [
  ...Object.keys(decodeRegimes).flatMap((regime) => [
    `bytes: ${regime}`,
    `strings: ${regime}`,
    `stream: ${regime}`,
  ]),
  ...Object.keys(encodeRegimes).flatMap((regime) => [
    `encode to a string: ${regime}`,
    `encode to bytes: ${regime}`,
  ]),
]

/** The time of each subject in milliseconds, that a fifth of its rounds stayed below. */
export async function measure(name) {
  const [kind, regime] = [name.slice(0, name.indexOf(':')), name.slice(name.indexOf(': ') + 2)]
  const runs = await runsOf(kind, regime)
  const times = {}
  for (const [subject, run] of Object.entries(runs)) {
    times[subject] = []
    for (let turn = 0; turn < WARM_UP_RUNS; turn++) if ((await time(run, 1)) > SLOW_MS) break
  }
  let turns = 1
  while (turns < MOST_TURNS && (await time(runs[ours], turns)) * turns < SAMPLE_MS) turns *= 2
  const order = Object.entries(runs)
  for (let round = 0; round < ROUNDS; round++) {
    // To and fro: nobody always pays for what the same one left to be collected.
    order.reverse()
    for (const [subject, run] of order) {
      // Who is very slow is asked less often.
      if (times[subject].length > 2 && times[subject][0] > SLOW_MS) continue
      times[subject].push(await time(run, turns))
    }
  }
  return Object.fromEntries(
    Object.entries(times).map(([subject, all]) => [
      subject,
      all.sort((a, b) => a - b)[Math.floor(all.length / 5)],
    ]),
  )
}

/** How many times our time the fastest peer takes. */
export function ratio(times) {
  const peers = Object.keys(times).filter(
    (subject) => !subject.startsWith(ours) && !limits.includes(subject),
  )
  return Math.min(...peers.map((peer) => times[peer])) / times[ours]
}

function runsOf(kind, regime) {
  if (kind.startsWith('encode')) return encoding(kind, regime)
  return kind === 'stream' ? streaming(regime) : decoding(kind, regime)
}

function decoding(kind, regime) {
  const bytes = decodeRegimes[regime]()
  const decoder = new TextDecoder()
  const chunks =
    kind === 'bytes' ? bytes : bytes.map((chunk) => decoder.decode(chunk, { stream: true }))
  const subjects = kind === 'bytes' ? byteDecoders() : stringDecoders()
  return ofThoseThatAgree(
    Object.fromEntries(
      Object.entries(subjects).map(([subject, create]) => [subject, () => count(create, chunks)]),
    ),
  )
}

function streaming(regime) {
  const chunks = decodeRegimes[regime]()
  return ofThoseThatAgree(
    Object.fromEntries(
      Object.entries(streamDecoders).map(([subject, read]) => [subject, () => read(chunks)]),
    ),
  )
}

/** A peer that reads a regime wrongly is not measured by it. */
async function ofThoseThatAgree(runs) {
  const expected = await runs[ours]()
  for (const [subject, run] of Object.entries(runs)) {
    if (!limits.includes(subject) && (await run()) !== expected) delete runs[subject]
  }
  return runs
}

function encoding(kind, regime) {
  const events = encodeRegimes[regime]()
  const subjects = { ...(kind === 'encode to bytes' ? byteEncoders : stringEncoders) }
  if (regime === '20 lines') delete subjects['guarded template']
  return Object.fromEntries(
    Object.entries(subjects).map(([subject, encode]) => [subject, () => encode(events)]),
  )
}

function count(create, chunks) {
  let length = 0
  const push = create((event) => {
    length += event.data.length
  })
  for (const chunk of chunks) push(chunk)
  return length
}

async function time(run, turns) {
  const start = performance.now()
  for (let turn = 0; turn < turns; turn++) {
    const result = run()
    if (typeof result !== 'number') await result
  }
  return (performance.now() - start) / turns
}
