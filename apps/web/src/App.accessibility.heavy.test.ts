import { beforeEach, describe, test } from 'vitest'
import { checkState, states } from '../test/page-states.ts'

beforeEach(() => {
  localStorage.clear()
  history.replaceState(null, '', location.pathname)
  document.documentElement.lang = 'en'
})

describe('axe finds nothing at the other widths, in both themes, in the state', () => {
  test.each(Object.keys(states))('%s', (name) => checkState(name, [1280, 320]))
})
