import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { scriptedPage } from '../scripted-page.fixture.ts'

const drawer = page.getByRole('region', { name: 'Events', exact: true })
const list = drawer.getByRole('listbox', { name: 'Events, newest first' })
const rows = list.getByRole('option')

beforeEach(() => localStorage.clear())
afterEach(() => history.replaceState(null, '', location.pathname))

async function opened() {
  const scripted = await scriptedPage('?drawer=1')
  scripted.link.live()
  await expect.element(drawer).toBeVisible()
  return scripted
}

test('the key E opens the drawer, and Escape closes it and gives focus back', async () => {
  await scriptedPage()
  const button = page.getByRole('button', { name: 'Events', exact: true })
  button.element().focus()
  await userEvent.keyboard('e')
  await expect.element(drawer).toBeVisible()
  expect(new URLSearchParams(location.search).get('drawer')).toBe('1')
  await userEvent.keyboard('{Escape}')
  await expect.element(drawer).not.toBeInTheDocument()
  await expect.element(button).toHaveFocus()
})

test('events, comments and retry lines are listed as they were received', async () => {
  const { link } = await opened()
  link.frame(': keep-alive\n\n')
  link.frame('retry: 1500\n\n')
  link.price('AAPL', 150.42, 0.42)
  await expect.element(rows.nth(0)).toHaveTextContent('stocks')
  await expect.element(rows.nth(0)).toHaveTextContent('"price":150.42')
  await expect.element(rows.nth(1)).toHaveTextContent('reconnection time 1500 ms')
  await expect.element(rows.nth(2)).toHaveTextContent(': keep-alive')
})

test('a selected frame shows its exact text, its JSON and its timing', async () => {
  const { link } = await opened()
  link.price('AAPL', 150.42, 0.42)
  await rows.filter({ hasText: 'stocks' }).click()
  const detail = drawer.getByRole('region', { name: 'Selected event' })
  await expect.element(detail).toHaveTextContent('event: stocks/AAPL')
  await expect.element(detail).toHaveTextContent('blank line ends the block')
  await expect.element(detail).toHaveTextContent('price: 150.42')
  await expect.element(detail).toHaveTextContent('Since previous stocks none before it')
})

test('on a phone a selected frame fills the sheet, and the way back leads to the list', async () => {
  await page.viewport(390, 700)
  const { link } = await scriptedPage('?drawer=1')
  link.price('AAPL', 150.42, 0.42)
  const sheet = page.getByRole('dialog', { name: 'Events' })
  await sheet.getByRole('option').click()
  const detail = sheet.getByRole('region', { name: 'Selected event' })
  await expect.element(detail).toHaveTextContent('event: stocks/AAPL')
  await detail.getByRole('button', { name: 'Back to the list' }).click()
  await expect.element(detail).not.toBeInTheDocument()
  await page.viewport(1280, 900)
})

test('latency is estimated where events name their second, and said to be unknown where nothing does', async () => {
  const { dashboard, link } = await opened()
  link.price('AAPL', 150.42, 0.42)
  await rows.first().click()
  // A clock that is measured anew takes no choice away.
  dashboard.connection.offset = { offsetMs: 0, roundTripMs: 8 }
  link.tick('14:27:41')
  // Names the next second, but comes at once: so the first was a second late.
  link.tick('14:27:42')
  await expect.element(rows.nth(1)).toHaveTextContent('1.0 s')
  await expect.element(rows.nth(2)).toHaveAttribute('aria-selected', 'true')
  await expect.element(rows.nth(2)).toHaveTextContent('–')
  await rows.nth(1).click()
  const detail = drawer.getByRole('region', { name: 'Selected event' })
  await expect.element(detail).toHaveTextContent(/Sent by the server .+, estimated/)
  await expect.element(detail).toHaveTextContent(/Drawn \+\d+/)
  await rows.nth(2).click()
  await expect.element(detail).toHaveTextContent('Sent by the server not on the wire')
  await expect.element(detail).toHaveTextContent('neither says when it was sent')
})

test('the arrow keys move the selection, and a selected row stays while others come', async () => {
  const { link } = await opened()
  for (const price of [1, 2, 3]) link.price('AAPL', price, 1)
  await expect.element(rows.nth(2)).toBeVisible()
  list.element().focus()
  await userEvent.keyboard('{ArrowDown}{ArrowDown}')
  const selected = drawer.getByRole('option', { selected: true })
  await expect.element(selected).toHaveTextContent('"price":2')
  link.price('AAPL', 4, 1)
  await expect.element(rows.nth(0)).toHaveTextContent('"price":4')
  await expect.element(selected).toHaveTextContent('"price":2')
})

describe('the list can be narrowed', () => {
  test.each([
    ['GOOGL', 1],
    ['topic:stocks', 2],
    ['topic:stocks /"price":1\\b/', 1],
    ['id:test-3', 1],
    ['/(/', 0],
  ])('to %s', async (filter, count) => {
    const { link } = await opened()
    link.price('AAPL', 1, 1)
    link.price('GOOGL', 2, 1)
    link.tick('14:27:41')
    await drawer.getByRole('searchbox', { name: 'Filter events' }).fill(filter)
    await expect.poll(() => [...list.element().querySelectorAll('.row')].length).toBe(count)
  })

  test('to one topic', async () => {
    const { link } = await opened()
    link.price('AAPL', 1, 1)
    link.tick('14:27:41')
    await drawer.getByRole('button', { name: 'time', exact: true }).click()
    await expect.poll(() => list.element().querySelectorAll('.row').length).toBe(1)
    await expect.element(rows.nth(0)).toHaveTextContent('The time is 14:27:41')
  })
})

test('a paused list stands still and catches up', async () => {
  const { link } = await opened()
  link.price('AAPL', 1, 1)
  await expect.element(rows.nth(0)).toHaveTextContent('"price":1')
  await drawer.getByRole('button', { name: 'Pause list' }).click()
  link.price('AAPL', 2, 1)
  await expect.element(drawer).toHaveTextContent('List paused')
  await expect.element(rows.nth(0)).toHaveTextContent('"price":1')
  await drawer.getByRole('button', { name: 'Pause list' }).click()
  await expect.element(rows.nth(0)).toHaveTextContent('"price":2')
})

test('an outage has its rows', async () => {
  const { link } = await opened()
  const reason = { code: 'network', message: 'The connection broke.' } as const
  link.become({ state: 'reconnecting', attempt: 1, retryAt: Date.now(), reason })
  link.live()
  await expect.element(rows.nth(0)).toHaveTextContent('↻ reconnected')
  await expect.element(rows.nth(1)).toHaveTextContent('✕ connection lost')
  await expect.element(rows.nth(1)).toHaveTextContent('The connection broke.')
})

test('of thousands of frames the page holds a screenful, and says what it dropped', async () => {
  const { link } = await opened()
  for (let i = 0; i < 2500; i += 1) link.frame(`: ${i}\n\n`)
  await expect.element(drawer).toHaveTextContent('500 older ones dropped')
  await expect.element(rows.nth(0)).toHaveTextContent(': 2499')
  expect(list.element().querySelectorAll('.row').length).toBeLessThan(60)
  await drawer.getByRole('button', { name: 'Clear' }).click()
  await expect.element(list).toHaveTextContent('Nothing to show yet.')
})

test('the stream can be copied as curl', async () => {
  const { link, dashboard } = await opened()
  const copied = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue()
  link.price('AAPL', 1, 1)
  await drawer.getByRole('button', { name: 'Copy as curl' }).click()
  expect(copied.mock.calls[0]?.[0]).toBe(
    `curl -N -H 'Last-Event-ID: test-1' '${location.origin}/events?topic=time&topic=system-stats&topic=stocks'`,
  )
  await expect.poll(() => dashboard.announcer.polite).toBe('Copied.')
})

test('the switch to EventSource reconnects and says what is hidden now', async () => {
  const { link } = await opened()
  await drawer.getByRole('button', { name: 'EventSource' }).click()
  await expect.element(drawer).toHaveTextContent('no comments, retry or bytes')
  await expect.element(drawer).toHaveTextContent('not visible')
  expect(link.transports).toEqual(['fetch', 'eventsource'])
  expect(link.closed).toBe(1)
  await drawer.getByRole('button', { name: 'fetch' }).click()
})

test('the drawer grows and shrinks by keyboard, within its bounds', async () => {
  await opened()
  const grip = drawer.getByRole('separator', { name: 'Height of the drawer' })
  grip.element().focus()
  await userEvent.keyboard('{ArrowUp}')
  await expect.element(grip).toHaveAttribute('aria-valuenow', '416')
  for (let i = 0; i < 12; i += 1) await userEvent.keyboard('{ArrowDown}')
  await expect.element(grip).toHaveAttribute('aria-valuenow', '240')
})
