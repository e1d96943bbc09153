/** The part of a test runner that the suites use. Compatible with Vitest and Jest. */

export interface Matchers {
  toBe(expected: unknown): unknown
  toEqual(expected: unknown): unknown
  toMatchObject(expected: object): unknown
  toBeUndefined(): unknown
  toBeGreaterThan(limit: number): unknown
  toBeGreaterThanOrEqual(limit: number): unknown
  toBeLessThanOrEqual(limit: number): unknown
}

export interface TestRunner {
  readonly test: (title: string, run: () => Promise<void>) => unknown
  readonly expect: (actual: unknown) => Matchers
}
