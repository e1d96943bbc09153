import { beforeEach, describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { scriptedPage, type ScriptedPage } from '../../../test/scripted-page.ts'

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

test('before the first run, the panel says what Start does', async () => {
  const { link } = await scriptedPage()
  link.live()
  await expect.element(panel).toHaveTextContent('No run yet.')
  await expect.element(panel).toHaveTextContent('Not started')
  await expect.element(panel.getByRole('button', { name: 'Cancel' })).toBeDisabled()
})

test('shows epoch, loss, best loss and progress of a run until it is complete', async () => {
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

test('a run that cannot start re-enables Start and shows the reason', async () => {
  const { link, runs } = await scriptedPage()
  link.live()
  runs.reachable = false
  await start.click()
  await expect.element(panel).toHaveTextContent('The API cannot be reached.')
  await expect.element(start).toBeEnabled()
})

describe('a connection that is lost during a run', () => {
  test('keeps the run, and Start stays disabled', async () => {
    const { link } = await startedRun()
    link.progress('run-1', 2, 10, 0.5)
    const reason = { code: 'network', message: 'The connection broke.' } as const
    link.setStatus({ state: 'reconnecting', attempt: 1, retryAt: Date.now(), reason })
    const button = panel.getByRole('button', { name: 'Reconnecting to the run' })
    await expect.element(button).toBeDisabled()
    link.live()
    link.progress('run-1', 2, 20, 0.45)
    await expect.element(start).toBeDisabled()
    await expect.element(panel).toHaveTextContent('0.4500')
  })

  test('re-enables Start if the link has failed, for another run', async () => {
    const { link } = await startedRun()
    link.fail('Refused.', { status: 403 })
    await expect.element(start).toBeEnabled()
    await start.click()
    await expect.poll(() => link.topics).toContain('training/run-2')
    expect(link.topics).not.toContain('training/run-1')
  })

  test('fails the run if the API no longer knows it', async () => {
    const { link, runs } = await startedRun()
    link.progress('run-1', 2, 10, 0.5)
    runs.known.clear()
    link.live()
    link.resume('gap')
    await expect.element(panel).toHaveTextContent('The run is gone: the API was restarted.')
    await expect.element(start).toBeEnabled()
    expect(link.topics).not.toContain('training/run-1')
  })

  test('leaves the run if the API refuses the connection because of it', async () => {
    const { link, runs } = await startedRun()
    runs.known.clear()
    link.fail('Refused.', { status: 404 })
    await expect.poll(() => link.topics).not.toContain('training/run-1')
  })
})

test('Cancel ends the run on the page and on the server', async () => {
  const { link, runs } = await startedRun()
  link.progress('run-1', 1, 10, 0.9)
  await panel.getByRole('button', { name: 'Cancel' }).click()
  await expect.element(panel).toHaveTextContent('Cancelled.')
  await expect.element(start).toBeEnabled()
  expect(runs.cancelled).toEqual(['run-1'])
  expect(link.topics).not.toContain('training/run-1')
})

test('shows that a run was cancelled elsewhere', async () => {
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

test('continues a run after a reload, with the first request', async () => {
  localStorage.setItem('downlink.run', 'run-7')
  const runs = [{ id: 'run-7', state: 'running', startedAt: Date.now() - 9000 } as const]
  const { link } = await scriptedPage('', runs)
  await expect.poll(() => link.topics).toContain('training/run-7')
  expect(link.topics).toContain('time')
  await expect.element(start).toBeDisabled()
  await expect.element(panel).toHaveTextContent(/0:\d\d elapsed/)
})

test('forgets a run that the API does not know after a reload', async () => {
  localStorage.setItem('downlink.run', 'run-7')
  await scriptedPage()
  await expect.poll(() => localStorage.getItem('downlink.run')).toBeNull()
  await expect.element(start).toBeEnabled()
})

test('follows a run that another tab has started', async () => {
  const { link, runs } = await scriptedPage()
  link.live()
  await expect.poll(() => link.topics).toContain('time')
  runs.known.set('run-9', { id: 'run-9', state: 'running', startedAt: Date.now() })
  dispatchEvent(new StorageEvent('storage', { key: 'downlink.run', newValue: 'run-9' }))
  await expect.poll(() => link.topics).toContain('training/run-9')
  await expect.element(start).toBeDisabled()
})

test('announces milestones if the reader wants them', async () => {
  const { dashboard, link } = await startedRun()
  dashboard.preferences.choose({ announcements: 'milestones' })
  link.progress('run-1', 2, 90, 0.5)
  await expect.element(page.getByRole('status')).toHaveTextContent('')
  link.progress('run-1', 3, 60, 0.4)
  await expect.element(page.getByRole('status')).toHaveTextContent('The training run is at 25 %.')
})

test('keeps the scale of the loss in the address', async () => {
  const { link } = await startedRun()
  link.progress('run-1', 1, 10, 0.9)
  await panel.getByRole('button', { name: 'Log' }).click()
  expect(new URLSearchParams(location.search).get('scale')).toBe('log')
  await panel.getByRole('button', { name: 'Linear' }).click()
})
