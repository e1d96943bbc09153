import { beforeEach, describe, test } from 'vitest'
import { checkState, states } from './page-states.fixture.ts'

beforeEach(() => {
  localStorage.clear()
  history.replaceState(null, '', location.pathname)
  document.documentElement.lang = 'en'
})

describe('in both themes axe finds nothing at the other widths while', () => {
  test.each(Object.keys(states))('%s', (name) => checkState(name, [1280, 320]))
})
