import { describe, expect, it } from 'vitest'
import { satisfies } from './check-node.mjs'

describe('the supported Node versions', () => {
  const range = '^20.19 || ^22.13 || >=24'

  it.each(['20.19.0', '20.20.2', '22.13.1', '24.0.0', '26.1.0'])('accepts %s', (version) => {
    expect(satisfies(version, range)).toBe(true)
  })

  it.each(['18.20.0', '20.18.9', '21.7.0', '22.12.0', '23.5.0'])('rejects %s', (version) => {
    expect(satisfies(version, range)).toBe(false)
  })

  it('throws for an unsupported range', () => {
    expect(() => satisfies('20.19.0', '~20')).toThrow('~20')
  })
})
