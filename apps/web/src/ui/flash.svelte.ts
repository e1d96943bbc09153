// Highlights a value that has changed: a tint that fades, or an underline if the reader prefers reduced motion.
import type { Attachment } from 'svelte/attachments'

const FLASH_MS = 600
const UNDERLINE_MS = 2000
/** The animation is longer than its visible part, because its end costs several frames and a newer value restarts it. */
const DURATION_MS = 20_000
/** For accessibility, nothing flashes more than once per second. */
const MIN_INTERVAL_MS = 1000

/** Flashes the element, which lies above the value, when `value()` changes; not for the first value. */
export function flashOn(value: () => unknown): Attachment<HTMLElement> {
  return (element) => {
    let before: unknown
    let first = true
    let flashedAt = Number.NEGATIVE_INFINITY
    let animation: Animation | undefined
    $effect.pre(() => {
      const next = value()
      const now = performance.now()
      if (!first && next !== before && now - flashedAt >= MIN_INTERVAL_MS) {
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

/** Animates opacity only, which the browser does without the main thread. */
function flash(element: HTMLElement): Animation {
  const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)').matches
  const visible = reducedMotion ? UNDERLINE_MS / DURATION_MS : FLASH_MS / DURATION_MS
  const opacity = reducedMotion ? [1, 1, 0, 0] : [1, 0, 0]
  const offset = reducedMotion ? [0, visible, visible, 1] : [0, visible, 1]
  return element.animate({ opacity, offset }, DURATION_MS)
}

/** Sets the start time explicitly: `play()` would leave it to the browser, which then draws one more frame. */
function restart(animation: Animation): void {
  animation.startTime = document.timeline.currentTime
}
