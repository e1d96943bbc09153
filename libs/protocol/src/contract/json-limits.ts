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

/**
 * Whether `JSON.parse` gives an equal value back for what `JSON.stringify` makes of it, without a hazard. False
 * for some values of which that is true as well, an object with a property that is undefined for one.
 */
export function isPlainJson(value: unknown, depth = 1): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
  // JSON has no negative zero.
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (typeof value !== 'object' || depth > MAX_JSON_DEPTH) return false
  if (Array.isArray(value)) {
    // By index: a hole is undefined, which `every` skips.
    for (let i = 0; i < value.length; i++) if (!isPlainJson(value[i], depth + 1)) return false
    return true
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if ((prototype !== Object.prototype && prototype !== null) || 'toJSON' in value) return false
  for (const [key, member] of Object.entries(value)) {
    if (isForbidden(key, member) || !isPlainJson(member, depth + 1)) return false
  }
  return true
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
