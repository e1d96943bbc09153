// Whole training runs, at a fifth of their time: the API's other tests check the real pace with a clock of their own.
import { ARTICLE, DASHBOARD, expect, test } from './test.ts'

test.use({ apiEnv: { TRAINING_STEP_MS: '4' } })

test("the article's page, unchanged, shows a thousand steps and says that the run is complete", async ({
  page,
}) => {
  await page.goto(`${ARTICLE}/training.html`)
  const epochs = await page.evaluateHandle(() => {
    const shown: string[] = []
    const epoch = document.getElementById('epoch')
    if (epoch === null) throw new Error('The page has no #epoch.')
    new MutationObserver(() => {
      const text = epoch.textContent
      if (shown.at(-1) !== text) shown.push(text)
    }).observe(epoch, { childList: true })
    return shown
  })
  await page.getByRole('button', { name: 'Start' }).click()
  await expect(page.locator('#status')).toHaveText('Training complete!', { timeout: 20_000 })
  expect(await epochs.jsonValue()).toEqual(
    Array.from({ length: 10 }, (_, i) => `Epoch ${i + 1}/10`),
  )
  await expect(page.locator('#loss')).toHaveText('Loss: 0.1')
  await expect(page.locator('#count')).toHaveText('1000')
  await expect(page.locator('#bar')).toHaveJSProperty('value', 100)
})

test('on the dashboard a training run goes from Start to its completion message', async ({
  page,
}) => {
  await page.goto(DASHBOARD)
  const panel = page.getByRole('region', { name: 'Training run' })
  const start = panel.getByRole('button', { name: /^Start/ })
  await start.click()
  await expect(start).toBeDisabled()
  await expect(panel).toContainText(/[1-9]\s*\/\s*10/)
  const bar = panel.getByRole('progressbar', { name: 'Training progress' })
  await expect(bar).toHaveAttribute('aria-valuenow', /[1-9]/)
  await expect(panel).toContainText('Training complete!', { timeout: 20_000 })
  await expect(panel).toContainText(/10\s*\/\s*10/)
  await expect(panel).toContainText('0.1000')
  await expect(panel.getByRole('button', { name: /^Start/ })).toBeEnabled()
})
