/** What parsed JSON must not hold, whatever its schema says: depth and keys that harm the code after it. */

/** The deepest nesting that is let through. */
export const MAX_JSON_DEPTH = 64

export interface Hazard {
  readonly code: 'too-deep' | 'forbidden-key'
  readonly path: string
  readonly reason: string
}

/**
 * The first hazard in a value that `JSON.parse` gave: nesting over `MAX_JSON_DEPTH`, a key
 * `__proto__`, or a `constructor` with a `prototype`, which a careless merge would write into
 * every object. The recursion is bounded by the depth limit itself.
 */
export function findHazard(value: unknown, path = '', depth = 1): Hazard | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > MAX_JSON_DEPTH) {
    return { code: 'too-deep', path, reason: `nested deeper than ${MAX_JSON_DEPTH}` }
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const hazard = findHazard(value[i], `${path}[${i}]`, depth + 1)
      if (hazard) return hazard
    }
    return undefined
  }
  for (const [key, member] of Object.entries(value)) {
    const at = path === '' ? key : `${path}.${key}`
    if (key === '__proto__' || (key === 'constructor' && hasOwnPrototype(member))) {
      return { code: 'forbidden-key', path: at, reason: `the key ${key} is not accepted` }
    }
    const hazard = findHazard(member, at, depth + 1)
    if (hazard) return hazard
  }
  return undefined
}

function hasOwnPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')
}
