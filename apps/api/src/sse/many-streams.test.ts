import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startApi } from '../../test/api.ts'
import { createManualClock } from '../../test/clock.ts'

// Thousands of connections take a while on a busy machine.
vi.setConfig({ testTimeout: 30_000 })

test('1,000 streams that are opened and reset leave nothing open', async () => {
  const { port, server, quiet, clock } = await startApi()
  const paths = [
    '/stream-time',
    '/system-stats',
    '/stream-stocks',
    '/events?topic=time&topic=stocks',
  ]
  for (let round = 0; round < 5; round++) {
    await Promise.all(
      Array.from({ length: 200 }, (_, i) => openAndReset(port, paths[i % paths.length] ?? '', i)),
    )
  }
  await quiet()
  const { hub, admission } = server.services
  expect(hub.counters()).toMatchObject({ subscribers: 0, queuedBytes: 0 })
  expect(admission.open).toBe(0)
  expect(clock.pendingTimers).toBe(0)
})

/** Resets some connections before the response and some after it, and closes others. */
function openAndReset(port: number, path: string, index: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      if (index % 3 === 0) setImmediate(() => socket.resetAndDestroy())
    })
    socket.once('data', () => (index % 3 === 1 ? socket.destroy() : socket.resetAndDestroy()))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
  })
}

test('disconnects a subscriber that never reads at its limit, and others miss no event', async () => {
  const { open, port, server, send, startRun } = await startApi({ MAX_QUEUED_BYTES: '65536' })
  const { hub } = server.services
  const run = startRun()
  const path = `/events?topic=${run.stream.topic}`
  const never = await openPaused(port, path)
  const reader = await open(path)
  await reader.until(1)

  let sent = 0
  const isCut = () => hub.counters().left['too-slow'] === 1
  while (!isCut() && sent < 400_000) {
    for (let i = 0; i < 500; i++, sent++)
      void hub.publish(run.stream, 'progress', {
        epoch: 1 + (sent % 10),
        total_epochs: 10,
        progress_percent: 50,
        loss: sent / 1000,
      })
    await reader.until(1 + sent)
  }
  expect(isCut()).toBe(true)
  expect(hub.counters().queuedBytes).toBe(0)
  expect(reader.events).toHaveLength(1 + sent)
  expect((await send('/metrics')).body).toContain('sse_disconnects_total{reason="too-slow"} 1')
  never.destroy()
})

function openPaused(port: number, path: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.pause()
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      resolve(socket)
    })
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => undefined)
  })
}

const NO_LIMITS = { memory_limit_mb: null, cpu_limit_cores: null }

test('logs a reading that fails, and all streams continue', async () => {
  const clock = createManualClock()
  let readings = 0
  const readSystem = () => {
    readings += 1
    return readings === 2
      ? Promise.reject(new Error('no /proc today'))
      : Promise.resolve({ cpuPercent: 1, totalBytes: 2 ** 30, availableBytes: 2 ** 29 })
  }
  const { open, logged } = await startApi(
    {},
    {
      clock,
      readSystem: { stats: readSystem, limits: () => Promise.resolve(NO_LIMITS) },
    },
  )
  const [stats, time] = await Promise.all([open('/system-stats'), open('/stream-time')])
  await Promise.all([stats.until(1), time.until(1)])
  await clock.advance(1_000)
  expect(await time.until(2)).toHaveLength(2)
  await clock.advance(1_000)
  expect(await stats.until(2)).toHaveLength(2)
  expect(logged.map(({ msg }) => msg)).toEqual(['a source or the event log failed'])
})
