// Bars of the beat strip, as one SVG path for each kind.
import { BEAT_SECONDS, type Beat } from './activity.ts'

export const WIDTH = 760
export const HEIGHT = 44
/** Where bars stand. */
export const BASE = 40
const TALLEST = 36
/** A second with anything in it can be seen. */
const SHORTEST = 3
const STEP = WIDTH / BEAT_SECONDS
const BAR = STEP - 1.5

/** Filled bars of the seconds that are `wanted` and had events; the tallest stands for `most` events. */
export function barsPath(
  beats: readonly Beat[],
  most: number,
  wanted: (beat: Beat) => boolean,
): string {
  return path(beats, (beat) => {
    if (beat.events === 0 || !wanted(beat)) return null
    // By the root: a burst must not flatten the seconds beside it to nothing.
    return Math.max(SHORTEST, Math.sqrt(beat.events / most) * TALLEST)
  })
}

/** Outlines for the seconds in which nothing could come. */
export function hollowPath(beats: readonly Beat[]): string {
  return path(beats, (beat) => (beat.out ? 10 : null))
}

function path(beats: readonly Beat[], height: (beat: Beat) => number | null): string {
  let data = ''
  beats.forEach((beat, index) => {
    const tall = height(beat)
    if (tall === null) return
    const x = Math.round(index * STEP * 10) / 10
    data += `M${x} ${BASE}v${-Math.round(tall * 10) / 10}h${Math.round(BAR * 10) / 10}V${BASE}z`
  })
  return data
}
