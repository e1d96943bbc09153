/** Places of tabs that share a connection, compared. */
import type { Core } from './core.ts'

/** Whether place `a` is known to lie before place `b`: both in one epoch. */
export function isBefore({ parseEventId }: Core, a: string, b: string): boolean {
  const [left, right] = [parseEventId(a), parseEventId(b)]
  return left !== undefined && left.epoch === right?.epoch && left.seq < right.seq
}

/** The earlier place; `a` where they cannot be compared, unless it is empty. */
export function earlier(core: Core, a: string, b: string): string {
  return a === '' || isBefore(core, b, a) ? b : a
}
