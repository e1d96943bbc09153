import { beforeEach, describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { scriptedPage, type ScriptedPage } from '../../scripted-page.fixture.ts'

const panel = page.getByRole('region', { name: 'Training run' })
const start = panel.getByRole('button', { name: 'Start training' })
const bar = page.getByRole('progressbar', { name: 'Training progress' })

beforeEach(() => localStorage.clear())

async function startedRun(): Promise<ScriptedPage> {
  const scripted = await scriptedPage()
  scripted.link.live()
  await start.click()
  await expect.poll(() => scripted.link.topics).toContain('training/run-1')
  return scripted
}

test('before the first run the panel says what starting one will do', async () => {
  const { link } = await scriptedPage()
  link.live()
  await expect.element(panel).toHaveTextContent('No run yet.')
  await expect.element(panel).toHaveTextContent('Not started')
  await expect.element(panel.getByRole('button', { name: 'Cancel' })).toBeDisabled()
})

test('a run shows its epoch, loss, best and progress until it is complete', async () => {
  const { link } = await startedRun()
  await expect.element(start).toBeDisabled()
  link.progress('run-1', 6, 100, 0.1)
  link.progress('run-1', 7, 50, 0.2184)
  await expect.element(panel).toHaveTextContent('Epoch 7/10')
  await expect.element(panel).toHaveTextContent('0.2184')
  await expect.element(panel).toHaveTextContent('0.1000 best, epoch 6')
  await expect.element(bar).toHaveAttribute('aria-valuenow', '65')
  await expect.element(bar).toHaveAttribute('aria-valuetext', '65%, epoch 7 of 10')
  link.emit('training/run-1', 'complete', 'Training complete!')
  await expect.element(panel).toHaveTextContent('Training complete!')
  await expect.element(bar).toHaveAttribute('aria-valuenow', '100')
  await expect.element(start).toBeEnabled()
})

test('a server that refuses the run re-enables Start and says why', async () => {
  const { link, runs } = await scriptedPage()
  link.live()
  runs.refusal = 'The API cannot be reached. Start it, then try again.'
  await start.click()
  await expect.element(panel).toHaveTextContent('The API cannot be reached.')
  await expect.element(start).toBeEnabled()
})

describe('a connection that is lost in mid-run', () => {
  test('does not lose the run: Start stays disabled until it is back', async () => {
    const { link } = await startedRun()
    link.progress('run-1', 2, 10, 0.5)
    const reason = { code: 'network', message: 'The connection broke.' } as const
    link.become({ state: 'reconnecting', attempt: 1, retryAt: Date.now(), reason })
    const button = panel.getByRole('button', { name: 'Reconnecting to the run' })
    await expect.element(button).toBeDisabled()
    link.live()
    link.progress('run-1', 2, 20, 0.45)
    await expect.element(start).toBeDisabled()
    await expect.element(panel).toHaveTextContent('0.4500')
  })

  test('and fails for good re-enables Start', async () => {
    const { link } = await startedRun()
    link.become({
      state: 'failed',
      error: Object.assign(new Error('Refused.'), { status: 403 }) as never,
    })
    await expect.element(start).toBeEnabled()
  })

  test('and comes back to a server that has forgotten the run says so', async () => {
    const { link, runs } = await startedRun()
    link.progress('run-1', 2, 10, 0.5)
    runs.known.clear()
    link.live()
    link.resume('gap')
    await expect.element(panel).toHaveTextContent('The run is gone: the API was restarted.')
    await expect.element(start).toBeEnabled()
    expect(link.topics).not.toContain('training/run-1')
  })

  test('and is refused because of the run lets the run go, so that the rest can connect', async () => {
    const { link, runs } = await startedRun()
    runs.known.clear()
    link.become({
      state: 'failed',
      error: Object.assign(new Error('Refused.'), { status: 404 }) as never,
    })
    await expect.poll(() => link.topics).not.toContain('training/run-1')
  })
})

test('cancelling ends the run here and on the server', async () => {
  const { link, runs } = await startedRun()
  link.progress('run-1', 1, 10, 0.9)
  await panel.getByRole('button', { name: 'Cancel' }).click()
  await expect.element(panel).toHaveTextContent('Cancelled.')
  await expect.element(start).toBeEnabled()
  expect(runs.cancelled).toEqual(['run-1'])
  expect(link.topics).not.toContain('training/run-1')
})

test('a run that was cancelled elsewhere says so itself', async () => {
  const { link } = await startedRun()
  link.progress('run-1', 3, 50, 0.2667)
  link.emit('training/run-1', 'cancelled', {
    epoch: 3,
    total_epochs: 10,
    progress_percent: 50,
    loss: 0.2667,
  })
  await expect.element(panel).toHaveTextContent('Cancelled. 3 of 10 epochs')
  await expect.element(bar).toHaveAttribute('aria-valuenow', '25')
  await expect.element(start).toBeEnabled()
  expect(link.topics).not.toContain('training/run-1')
})

test('a run survives a reload: it is asked for with the first request', async () => {
  localStorage.setItem('downlink.run', 'run-7')
  const runs = { 'run-7': { id: 'run-7', state: 'running', startedAt: Date.now() - 9000 } as const }
  const { link } = await scriptedPage('', runs)
  await expect.poll(() => link.topics).toContain('training/run-7')
  expect(link.topics).toContain('time')
  await expect.element(start).toBeDisabled()
  await expect.element(panel).toHaveTextContent(/0:\d\d elapsed/)
})

test('a run that ended while the page was closed is forgotten', async () => {
  localStorage.setItem('downlink.run', 'run-7')
  await scriptedPage()
  await expect.poll(() => localStorage.getItem('downlink.run')).toBeNull()
  await expect.element(start).toBeEnabled()
})

test('a run that another tab has started is watched here too', async () => {
  const { link, runs } = await scriptedPage()
  link.live()
  await expect.poll(() => link.topics).toContain('time')
  runs.known.set('run-9', { id: 'run-9', state: 'running', startedAt: Date.now() })
  dispatchEvent(new StorageEvent('storage', { key: 'downlink.run', newValue: 'run-9' }))
  await expect.poll(() => link.topics).toContain('training/run-9')
  await expect.element(start).toBeDisabled()
})

test('milestones are spoken where the reader wants them', async () => {
  const { dashboard, link } = await startedRun()
  dashboard.preferences.choose({ announcements: 'milestones' })
  link.progress('run-1', 2, 90, 0.5)
  await expect.element(page.getByRole('status')).toHaveTextContent('')
  link.progress('run-1', 3, 60, 0.4)
  await expect.element(page.getByRole('status')).toHaveTextContent('The training run is at 25 %.')
})

test('the loss can be seen on a logarithmic scale, which the address keeps', async () => {
  const { link } = await startedRun()
  link.progress('run-1', 1, 10, 0.9)
  await panel.getByRole('button', { name: 'Log' }).click()
  expect(new URLSearchParams(location.search).get('scale')).toBe('log')
  await panel.getByRole('button', { name: 'Linear' }).click()
})
