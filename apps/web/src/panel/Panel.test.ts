import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { page } from 'vitest/browser'
import { scriptedPage, type ScriptedPage } from '../../test/scripted-page.ts'

const clock = page.getByRole('region', { name: 'Clock', exact: true })
const state = page.getByRole('group', { name: 'Connection state' })
const announced = page.getByRole('status')
const alert = page.getByRole('alert')
const START = new Date(2026, 10, 22, 14, 27, 0).getTime()

/** Advances the clock and runs the timers. */
async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
}

function lose({ link }: ScriptedPage, waitMs = 8000): void {
  const reason = { code: 'network', message: 'The connection broke.' } as const
  link.setStatus({ state: 'reconnecting', attempt: 3, retryAt: Date.now() + waitMs, reason })
}

beforeEach(() => {
  localStorage.clear()
  vi.useFakeTimers({
    now: START,
    toFake: ['Date', 'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'],
  })
})
afterEach(() => vi.useRealTimers())

async function livePage(): Promise<ScriptedPage> {
  const scripted = await scriptedPage()
  scripted.link.live()
  scripted.link.tick('14:27:00')
  return scripted
}

test('connecting shows what is opened, after half a second', async () => {
  const { link } = await scriptedPage()
  link.setStatus({ state: 'connecting', since: Date.now() })
  await expect.element(clock).toHaveTextContent('Connecting')
  await expect.element(clock).not.toHaveTextContent('Opening')
  await pass(1000)
  await expect.element(clock).toHaveTextContent('Opening /events… 1.0 s')
})

test('live shows the age of the newest value', async () => {
  const { link } = await livePage()
  await expect.element(clock).toHaveTextContent(/0\.\d s ago/)
  await pass(2000)
  link.tick('14:27:02')
  await expect.element(clock).toHaveTextContent(/0\.\d s ago/)
  await expect.element(state).toHaveTextContent('Live')
})

test('a topic without an event for more than five seconds is stale, and its values stay readable', async () => {
  await livePage()
  await pass(6000)
  await expect.element(clock).toHaveTextContent('No data for 6 s')
  await expect.element(clock).toHaveTextContent('The connection is open, but this topic is quiet.')
  const body = clock.element().querySelector('.body')
  expect(body && getComputedStyle(body).opacity).toBe('1')
  expect(body && getComputedStyle(body).color).toBe('rgb(82, 96, 109)')
  // The connection itself is live.
  await expect.element(state).toHaveTextContent('Live')
})

describe('an outage', () => {
  test('of less than three seconds is not shown', async () => {
    const scripted = await livePage()
    lose(scripted)
    await pass(2000)
    await expect.element(state).toHaveTextContent('Live')
    scripted.link.live()
    scripted.link.tick('14:27:02')
    await pass(2000)
    await expect.element(announced).toHaveTextContent('')
  })

  test('shows a countdown and the attempt, and retries on request', async () => {
    const scripted = await livePage()
    lose(scripted)
    await pass(4000)
    await expect.element(clock).toHaveTextContent('Reconnecting in 4 s')
    await expect
      .element(clock)
      .toHaveTextContent('Attempt 3. Missed events are replayed when it is back.')
    await clock.getByRole('button', { name: 'Retry now' }).click()
    expect(scripted.link.retries).toBe(1)
  })

  test('is announced at its start and its end, without the countdown', async () => {
    const scripted = await livePage()
    lose(scripted)
    await pass(4000)
    await expect.element(announced).toHaveTextContent('The connection is lost. Reconnecting.')
    await pass(4000)
    await expect.element(announced).toHaveTextContent('The connection is lost. Reconnecting.')
    scripted.link.live()
    scripted.link.tick('14:27:08')
    await pass(500)
    await expect.element(announced).toHaveTextContent('Connected again.')
  })

  test('is shown with its length and the number of replayed events', async () => {
    const scripted = await livePage()
    lose(scripted)
    await pass(4100)
    scripted.link.live()
    scripted.link.resume('resumed')
    for (const second of ['01', '02', '03']) scripted.link.tick(`14:27:${second}`)
    await pass(1000)
    const connection = page.getByRole('region', { name: 'Connection' })
    await expect.element(connection).toHaveTextContent('outage 4.1 s, 3 events replayed')
    await expect.element(connection).toHaveTextContent('reconnect 1')
  })

  test('is shown as lost events if the server could not replay them', async () => {
    const scripted = await livePage()
    lose(scripted)
    await pass(4100)
    scripted.link.live()
    scripted.link.resume('gap')
    await pass(1000)
    await expect
      .element(page.getByRole('region', { name: 'Connection' }))
      .toHaveTextContent('outage 4.1 s, its events are lost')
  })

  test('changes the title of the tab', async () => {
    const scripted = await livePage()
    await expect.poll(() => document.title).toBe('● Live · Downlink')
    lose(scripted)
    await pass(3500)
    await expect.poll(() => document.title).toBe('⚠ Lost · Downlink')
  })
})

test('offline is shown instead of reconnecting, without a button', async () => {
  const scripted = await livePage()
  lose(scripted)
  await pass(4000)
  scripted.link.setStatus({ state: 'offline', since: Date.now() })
  await expect.element(clock).toHaveTextContent('Your device is offline. Values from 14:27:00.')
  await expect.element(clock.getByRole('button', { name: 'Retry now' })).not.toBeInTheDocument()
})

test('ended shows the reason and can connect again', async () => {
  const scripted = await livePage()
  scripted.link.setStatus({ state: 'ended', reason: 'the server is shutting down' })
  await expect
    .element(clock)
    .toHaveTextContent('The server has ended the stream: the server is shutting down.')
  await clock.getByRole('button', { name: 'Connect again' }).click()
  expect(scripted.link.retries).toBe(1)
})

test('an error shows its cause and status, is announced immediately, and can be retried', async () => {
  const scripted = await livePage()
  scripted.link.fail('Refused.', { code: 'refused', status: 403 })
  await expect.element(clock).toHaveTextContent('The server refused the stream (403).')
  await expect.element(alert).toHaveTextContent('The stream has failed.')
  await clock.getByRole('button', { name: 'Try again' }).click()
  expect(scripted.link.retries).toBe(1)
})

describe('paused', () => {
  test('keeps the value, counts new events and catches up', async () => {
    const { link } = await livePage()
    await clock.getByRole('button', { name: 'Pause Clock' }).click()
    link.tick('14:27:01')
    link.tick('14:27:02')
    await expect.element(clock).toHaveTextContent('Paused, 2 new')
    await expect.element(clock).toHaveTextContent('14:27:00')
    await expect.element(clock).toHaveTextContent('Frozen at 14:27:00.')
    await clock.getByRole('button', { name: 'Resume' }).click()
    await expect.element(clock).toHaveTextContent('14:27:02')
  })

  test('is kept in the address', async () => {
    await livePage()
    await clock.getByRole('button', { name: 'Pause Clock' }).click()
    expect(new URLSearchParams(location.search).get('paused')).toBe('time')
    await clock.getByRole('button', { name: 'Pause Clock' }).click()
    expect(new URLSearchParams(location.search).has('paused')).toBe(false)
  })

  test('applies to all panels at once, and an outage is shown instead', async () => {
    const scripted = await livePage()
    await page.getByRole('button', { name: 'Pause all' }).click()
    await expect.element(page.getByRole('region', { name: 'Stocks' })).toHaveTextContent('Paused')
    lose(scripted)
    await pass(4000)
    await expect.element(clock).toHaveTextContent('Reconnecting')
    await page.getByRole('button', { name: 'Pause all' }).click()
  })

  test('is restored from the address', async () => {
    const { link } = await scriptedPage('?paused=time')
    link.live()
    link.tick('14:27:01')
    await expect.element(clock).toHaveTextContent('Paused, 1 new')
  })
})

test('announcements can be switched off', async () => {
  const scripted = await livePage()
  scripted.dashboard.preferences.choose({ announcements: 'off' })
  lose(scripted)
  await pass(4000)
  await expect.element(state).toHaveTextContent('Reconnecting')
  await expect.element(announced).toHaveTextContent('')
})
