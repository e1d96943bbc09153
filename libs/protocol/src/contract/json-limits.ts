/** Limits on parsed JSON that apply whatever the schema accepts: nesting depth and keys that can reach a prototype. */

/** The deepest nesting of arrays and objects that is accepted. A scalar has depth 0, `[]` has depth 1. */
export const MAX_JSON_DEPTH = 64

export interface Hazard {
  readonly code: 'too-deep' | 'forbidden-key'
  readonly reason: string
  /** The keys that lead to the hazard, from the outside in. */
  readonly path: (string | number)[]
}

/**
 * Returns the first hazard in a value that `JSON.parse` returned, or undefined. A hazard is nesting deeper than
 * `MAX_JSON_DEPTH`, a key `__proto__`, or a `constructor` object with a key `prototype`: code that merges such an
 * object carelessly would change every object of the program. The depth limit also bounds the recursion.
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
 * Returns true only if `JSON.parse(JSON.stringify(value))` equals `value` and contains no hazard. Returns false for
 * some values that would also pass, such as an object with an undefined property: `pack` then takes its slower path.
 */
export function isPlainJson(value: unknown, depth = 1): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
  // JSON.stringify writes -0 as 0.
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (typeof value !== 'object' || depth > MAX_JSON_DEPTH) return false
  if (Array.isArray(value)) {
    // Not every(): it skips holes, which JSON.stringify writes as null.
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
