// Observes the size of an element.
import type { Attachment } from 'svelte/attachments'

/** For `{@attach}`: called at first and after each change, with width and height in pixels, including the padding. */
export function sized(onSize: (width: number, height: number) => void): Attachment<HTMLElement> {
  return (element) => {
    const observer = new ResizeObserver(() => onSize(element.clientWidth, element.clientHeight))
    observer.observe(element)
    return () => observer.disconnect()
  }
}
