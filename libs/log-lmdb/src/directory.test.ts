import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { open as openLmdb } from 'lmdb'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { temporaryDirectory } from '../test/directory.ts'
import { createLmdbLog } from './lmdb-log.ts'

const EVENT = { topic: 'a', event: 'message', data: 'x'.repeat(10_000) }
const LIMIT = { maxEvents: 10_000, maxBytes: 2 ** 30 }

describe('a directory', () => {
  test('is created with its parents', async () => {
    const log = await createLmdbLog({ path: join(temporaryDirectory(), 'a', 'b') })
    await log.append(EVENT)
    await log.close()
  })

  test('is open in one log at a time, also when many start at once', async () => {
    const path = temporaryDirectory()
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, () => createLmdbLog({ path })),
    )
    const opened = results.filter(({ status }) => status === 'fulfilled')
    expect(opened).toHaveLength(1)
    for (const result of results) {
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ name: 'LogError', code: 'unavailable' })
      else {
        // Refusing the others does not affect it.
        await result.value.append(EVENT)
        await result.value.close()
      }
    }
    const next = await createLmdbLog({ path })
    await next.close()
    expect(readdirSync(path).sort()).toEqual(['data.mdb', 'lock.mdb'])
  })

  test('with a path too long for a socket is refused with the limit', async () => {
    const path = join(temporaryDirectory(), 'x'.repeat(100))
    await expect(createLmdbLog({ path })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('Use a shorter path') as string,
    })
  })
})

describe('a file', () => {
  test.each([
    ['text', Buffer.from('not a database'.repeat(1_000))],
    ['zeros', Buffer.alloc(100_000)],
    ['a few bytes', Buffer.from('x')],
  ])('of %s is refused with what to do', async (_, content) => {
    const path = temporaryDirectory()
    writeFileSync(join(path, 'data.mdb'), content)
    await expect(createLmdbLog({ path })).rejects.toMatchObject({
      name: 'LogError',
      code: 'invalid',
      message: expect.stringContaining('Use an empty directory') as string,
    })
  })

  test('that was cut off is refused with what to do', async () => {
    const path = temporaryDirectory()
    const log = await createLmdbLog({ path })
    for (let i = 0; i < 100; i++) await log.append(EVENT)
    await log.close()
    truncateSync(join(path, 'data.mdb'), 100_000)
    await expect(createLmdbLog({ path })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('Restore it from a backup') as string,
    })
  })

  test('of another program is refused and not changed', async () => {
    const path = temporaryDirectory()
    const other = openLmdb({ path, noSubdir: false })
    await other.put('key', 'value')
    await other.close()
    await expect(createLmdbLog({ path })).rejects.toMatchObject({ code: 'invalid' })
    const again = openLmdb({ path, noSubdir: false })
    expect([...again.getKeys()]).toEqual(['key'])
    await again.close()
  })

  test('that is sound is accepted at any moment of its writing', async () => {
    const path = temporaryDirectory()
    const log = await createLmdbLog({ path, maxEvents: 20 })
    onTestFinished(() => log.close())
    const copies = []
    for (let i = 0; i < 20; i++) {
      for (let event = 0; event < 10; event++)
        await log.append({ ...EVENT, topic: `t${event}`, data: EVENT.data.slice(event * i * 40) })
      const copy = join(path, `copy${i}`)
      mkdirSync(copy)
      copyFileSync(join(path, 'data.mdb'), join(copy, 'data.mdb'))
      copies.push(copy)
    }
    for (const copy of copies) {
      const opened = await createLmdbLog({ path: copy })
      expect((await opened.latest(['t0', 't9'])).map(({ topic }) => topic)).toEqual(['t0', 't9'])
      await opened.close()
    }
  })
})

describe('a full disk', () => {
  const canMount = process.platform === 'linux' && process.getuid?.() === 0

  /** A disk of 4 MiB. */
  function mountSmallDisk(): string {
    const path = temporaryDirectory()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', path])
    onTestFinished(() => void execFileSync('umount', ['-l', path]))
    return path
  }

  test.runIf(canMount).each(['always', 'interval'] as const)(
    'rejects the publish with `full`; reading works, and appends go on once there is room (%s)',
    async (durability) => {
      // lmdb prints each failed transaction.
      const print = vi.spyOn(console, 'error').mockImplementation(() => undefined)
      onTestFinished(() => print.mockRestore())
      const disk = mountSmallDisk()
      const filler = join(disk, 'filler')
      writeFileSync(filler, Buffer.alloc(2 ** 21))
      let nowMs = 0
      const system = { monotonic: () => nowMs }
      const path = join(disk, 'log')
      const log = await createLmdbLog({ path, durability, system })
      let stored = 0
      let failure: unknown
      while (failure === undefined && stored < 1_000) {
        await log.append(EVENT).then(
          () => (stored += 1),
          (error: unknown) => (failure = error),
        )
      }
      expect(failure).toMatchObject({ name: 'LogError', code: 'full' })
      await expect(log.append(EVENT)).rejects.toMatchObject({ code: 'full' })
      expect(print).toHaveBeenCalledTimes(1)
      const page = await log.readAfter('start', ['a'], LIMIT)
      expect(page.ok && page.entries.length).toBe(stored)

      truncateSync(filler, 0)
      nowMs += 1_000
      const { id } = await log.append(EVENT)
      const after = await log.readAfter('start', ['a'], LIMIT)
      expect(after.ok && after.entries.length).toBe(stored + 1)
      await log.close()
      const reopened = await createLmdbLog({ path, durability, system })
      expect((await reopened.append(EVENT)).id.seq).toBeGreaterThan(id.seq)
      await reopened.close()
    },
  )

  test.runIf(canMount)('does not prevent closing', async () => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    onTestFinished(() => print.mockRestore())
    const path = join(mountSmallDisk(), 'log')
    const log = await createLmdbLog({ path })
    const appends = Array.from({ length: 600 }, () => log.append(EVENT))
    const results = await Promise.allSettled(appends)
    expect(results.some(({ status }) => status === 'rejected')).toBe(true)
    await log.close()
  })
})
