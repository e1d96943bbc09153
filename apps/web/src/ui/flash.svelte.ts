// A short sign that a value has changed: a tint goes over it, or a line stands below it where motion is unwanted.
import type { Attachment } from 'svelte/attachments'

const FLASH_MS = 600
const UNDERLINE_MS = 2000
/** The animation outlives what is seen of it: its end costs the page several frames, and a newer price restarts it. */
const HELD_MS = 20_000
/** Nothing may flash more often than once a second. */
const AT_MOST_EVERY_MS = 1000

/** Lights up the element, which lies over the value, whenever `value()` is another one, from the second on. */
export function flashOn(value: () => unknown): Attachment<HTMLElement> {
  return (element) => {
    let before: unknown
    let first = true
    let flashedAt = Number.NEGATIVE_INFINITY
    let animation: Animation | undefined
    $effect.pre(() => {
      const next = value()
      const now = performance.now()
      if (!first && next !== before && now - flashedAt >= AT_MOST_EVERY_MS) {
        flashedAt = now
        animation ??= flash(element)
        restart(animation)
      }
      first = false
      before = next
    })
    return () => animation?.cancel()
  }
}

/** Opacity alone, which is animated without the page's main thread. */
function flash(element: HTMLElement): Animation {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  // What may not move stands for a while and then goes.
  const seen = still ? UNDERLINE_MS / HELD_MS : FLASH_MS / HELD_MS
  const opacity = still ? [1, 1, 0, 0] : [1, 0, 0]
  const offset = still ? [0, seen, seen, 1] : [0, seen, 1]
  return element.animate({ opacity, offset }, HELD_MS)
}

/** At a moment that is given: for one that the browser has yet to choose, it would draw another frame. */
function restart(animation: Animation): void {
  animation.startTime = document.timeline.currentTime
}
