import { expect, onTestFinished, test } from 'vitest'
import { temporaryDirectory } from '../test/directory.ts'
import { takeOwnership } from './owner.ts'
import { openStore } from './store.ts'

test('of processes that start at once, those that lose the race are refused', async () => {
  const path = temporaryDirectory()
  let owner: string | undefined
  const winner = await takeOwnership(path, {
    readOwner: () => undefined,
    replaceOwner: (_, name) => {
      owner = name
      return true
    },
  })
  onTestFinished(() => winner.release())
  // It reads before the winner stores its name, and compares after.
  let reads = 0
  const loser = takeOwnership(path, {
    readOwner: () => (reads++ === 0 ? undefined : owner),
    replaceOwner: (expected) => expected === owner,
  })
  await expect(loser).rejects.toMatchObject({ name: 'LogError', code: 'unavailable' })
  expect(reads).toBe(2)
})

test('the store replaces only the owner that was read', () => {
  const store = openStore(temporaryDirectory(), 'interval')
  onTestFinished(() => store.env.close())
  expect(store.replaceOwner(undefined, 'first')).toBe(true)
  expect(store.replaceOwner(undefined, 'second')).toBe(false)
  expect(store.readOwner()).toBe('first')
  expect(store.replaceOwner('first', 'second')).toBe(true)
  expect(store.readOwner()).toBe('second')
})
