/** What parsed JSON must not hold, whatever its schema says: depth and keys that harm the code after it. */

/** The deepest nesting that is let through. */
export const MAX_JSON_DEPTH = 64

export interface Hazard {
  readonly code: 'too-deep' | 'forbidden-key'
  readonly reason: string
  /** The keys that lead to it. */
  readonly path: (string | number)[]
}

/**
 * The first hazard in a value that `JSON.parse` gave: nesting over `MAX_JSON_DEPTH`, a key
 * `__proto__`, or a `constructor` with a `prototype`, which a careless merge would write into
 * every object. The recursion is bounded by the depth limit itself.
 */
export function findHazard(value: unknown, depth = 1): Hazard | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > MAX_JSON_DEPTH) {
    return { code: 'too-deep', reason: `nested deeper than ${MAX_JSON_DEPTH}`, path: [] }
  }
  for (const [key, member] of Object.entries(value)) {
    const hazard = isForbidden(key, member) ? forbidden(key) : findHazard(member, depth + 1)
    if (hazard) {
      hazard.path.unshift(Array.isArray(value) ? Number(key) : key)
      return hazard
    }
  }
  return undefined
}

function isForbidden(key: string, member: unknown): boolean {
  return (
    key === '__proto__' ||
    (key === 'constructor' && Object.hasOwn(Object(member) as object, 'prototype'))
  )
}

function forbidden(key: string): Hazard {
  return { code: 'forbidden-key', reason: `the key ${key} is not accepted`, path: [] }
}
