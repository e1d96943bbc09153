/* global TextDecoder, performance */
// Measures one regime. The subjects take turns many times, so that a busy machine affects all of them equally.
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
/** The shortest sample of our code, because the clock of a browser has steps of 0.1 ms. */
const SAMPLE_MS = 4
const MAX_TURNS = 100

/** The names of all measurements: a kind and a regime. */
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

/** The time of each subject in milliseconds: the 20th percentile of its rounds. */
export async function measure(name) {
  const [kind, regime] = [name.slice(0, name.indexOf(':')), name.slice(name.indexOf(': ') + 2)]
  const runs = await runsOf(kind, regime)
  const times = {}
  for (const [subject, run] of Object.entries(runs)) {
    times[subject] = []
    for (let turn = 0; turn < WARM_UP_RUNS; turn++) if ((await time(run, 1)) > SLOW_MS) break
  }
  let turns = 1
  while (turns < MAX_TURNS && (await time(runs[ours], turns)) * turns < SAMPLE_MS) turns *= 2
  const order = Object.entries(runs)
  for (let round = 0; round < ROUNDS; round++) {
    // Alternates the order, so that garbage of one subject is not always collected during the same other one.
    order.reverse()
    for (const [subject, run] of order) {
      // Measures a very slow subject less often.
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

/** The time of the fastest peer divided by ours. */
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
  return correctOnes(
    Object.fromEntries(
      Object.entries(subjects).map(([subject, create]) => [subject, () => count(create, chunks)]),
    ),
  )
}

function streaming(regime) {
  const chunks = decodeRegimes[regime]()
  return correctOnes(
    Object.fromEntries(
      Object.entries(streamDecoders).map(([subject, read]) => [subject, () => read(chunks)]),
    ),
  )
}

/** Removes peers that decode the regime incorrectly. */
async function correctOnes(runs) {
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
