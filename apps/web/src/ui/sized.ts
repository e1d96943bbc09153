// Tells how large an element is: at first, and whenever that changes.
import type { Attachment } from 'svelte/attachments'

/** For `{@attach}`: width and height of the content with its padding, in pixels. */
export function sized(told: (width: number, height: number) => void): Attachment<HTMLElement> {
  return (element) => {
    const observer = new ResizeObserver(() => told(element.clientWidth, element.clientHeight))
    observer.observe(element)
    return () => observer.disconnect()
  }
}
