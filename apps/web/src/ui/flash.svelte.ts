// A short sign that a value has changed: its ground lights up, or a line stands below it where motion is unwanted.
import type { Attachment } from 'svelte/attachments'

const FLASH_MS = 600
const UNDERLINE_MS = 2000
/** Nothing may flash more often than once a second. */
const AT_MOST_EVERY_MS = 1000

/** Lights up the element, which lies behind the value, whenever `value()` is another one, from the second on. */
export function flashOn(value: () => unknown): Attachment<HTMLElement> {
  return (element) => {
    let before: unknown
    let first = true
    let flashedAt = Number.NEGATIVE_INFINITY
    $effect.pre(() => {
      const next = value()
      const now = performance.now()
      if (!first && next !== before && now - flashedAt >= AT_MOST_EVERY_MS) {
        flashedAt = now
        flash(element)
      }
      first = false
      before = next
    })
  }
}

/** Opacity alone, which is animated without the page's main thread. */
function flash(element: HTMLElement): void {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  // What may not move stands for a while and then goes.
  if (still) element.animate({ opacity: [1, 1] }, UNDERLINE_MS)
  else element.animate({ opacity: [1, 0] }, FLASH_MS)
}
