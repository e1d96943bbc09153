import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { scriptedPage } from '../../test/scripted-page.ts'

const drawer = page.getByRole('region', { name: 'Events', exact: true })
const list = drawer.getByRole('listbox', { name: 'Events, newest first' })
const rows = list.getByRole('option')

beforeEach(() => localStorage.clear())
afterEach(() => history.replaceState(null, '', location.pathname))

async function openDrawer() {
  const scripted = await scriptedPage('?drawer=1')
  scripted.link.live()
  await expect.element(drawer).toBeVisible()
  return scripted
}

test('E opens the drawer; Escape closes it and restores the focus', async () => {
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

test('lists events, comments and retry lines', async () => {
  const { link } = await openDrawer()
  link.frame(': keep-alive\n\n')
  link.frame('retry: 1500\n\n')
  link.price('AAPL', 150.42, 0.42)
  await expect.element(rows.nth(0)).toHaveTextContent('stocks')
  await expect.element(rows.nth(0)).toHaveTextContent('"price":150.42')
  await expect.element(rows.nth(1)).toHaveTextContent('reconnection time 1500 ms')
  await expect.element(rows.nth(2)).toHaveTextContent(': keep-alive')
})

test('shows the exact text, the JSON and the timing of a selected frame', async () => {
  const { link } = await openDrawer()
  link.price('AAPL', 150.42, 0.42)
  await rows.filter({ hasText: 'stocks' }).click()
  const detail = drawer.getByRole('region', { name: 'Selected event' })
  await expect.element(detail).toHaveTextContent('event: stocks/AAPL')
  await expect.element(detail).toHaveTextContent('blank line ends the block')
  await expect.element(detail).toHaveTextContent('price: 150.42')
  await expect.element(detail).toHaveTextContent('Since previous stocks none before it')
})

test('on a phone, a selected frame covers the list until the reader goes back', async () => {
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

test('estimates the latency of events with a time, and says why it is unknown for others', async () => {
  const { dashboard, link } = await openDrawer()
  link.price('AAPL', 150.42, 0.42)
  await rows.first().click()
  // A new clock offset keeps the selection.
  dashboard.connection.offset = { offsetMs: 0, roundTripMs: 8 }
  link.tick('14:27:41')
  // The second tick is received in the same second, so the first one was a second late.
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
  await expect.element(detail).toHaveTextContent('contains no time')
})

test('the arrow keys move the selection, which new rows do not change', async () => {
  const { link } = await openDrawer()
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

describe('filters the list', () => {
  test.each([
    ['GOOGL', 1],
    ['topic:stocks', 2],
    ['topic:stocks /"price":1\\b/', 1],
    ['id:test-3', 1],
    ['/(/', 0],
  ])('by %s', async (filter, count) => {
    const { link } = await openDrawer()
    link.price('AAPL', 1, 1)
    link.price('GOOGL', 2, 1)
    link.tick('14:27:41')
    await drawer.getByRole('searchbox', { name: 'Filter events' }).fill(filter)
    await expect.poll(() => [...list.element().querySelectorAll('.row')].length).toBe(count)
  })

  test('by one topic', async () => {
    const { link } = await openDrawer()
    link.price('AAPL', 1, 1)
    link.tick('14:27:41')
    await drawer.getByRole('button', { name: 'time', exact: true }).click()
    await expect.poll(() => list.element().querySelectorAll('.row').length).toBe(1)
    await expect.element(rows.nth(0)).toHaveTextContent('The time is 14:27:41')
  })
})

test('a paused list keeps its rows and catches up', async () => {
  const { link } = await openDrawer()
  link.price('AAPL', 1, 1)
  await expect.element(rows.nth(0)).toHaveTextContent('"price":1')
  await drawer.getByRole('button', { name: 'Pause list' }).click()
  link.price('AAPL', 2, 1)
  await expect.element(drawer).toHaveTextContent('List paused')
  await expect.element(rows.nth(0)).toHaveTextContent('"price":1')
  await drawer.getByRole('button', { name: 'Pause list' }).click()
  await expect.element(rows.nth(0)).toHaveTextContent('"price":2')
})

test('lists the start and end of an outage', async () => {
  const { link } = await openDrawer()
  const reason = { code: 'network', message: 'The connection broke.' } as const
  link.setStatus({ state: 'reconnecting', attempt: 1, retryAt: Date.now(), reason })
  link.live()
  await expect.element(rows.nth(0)).toHaveTextContent('↻ reconnected')
  await expect.element(rows.nth(1)).toHaveTextContent('✕ connection lost')
  await expect.element(rows.nth(1)).toHaveTextContent('The connection broke.')
})

test('keeps only the visible rows in the page, and shows how many frames were dropped', async () => {
  const { link } = await openDrawer()
  for (let i = 0; i < 2500; i += 1) link.frame(`: ${i}\n\n`)
  await expect.element(drawer).toHaveTextContent('500 older ones dropped')
  await expect.element(rows.nth(0)).toHaveTextContent(': 2499')
  expect(list.element().querySelectorAll('.row').length).toBeLessThan(60)
  await drawer.getByRole('button', { name: 'Clear' }).click()
  await expect.element(list).toHaveTextContent('Nothing to show yet.')
})

test('copies the stream as a curl command', async () => {
  const { link, dashboard } = await openDrawer()
  const copied = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue()
  link.price('AAPL', 1, 1)
  await drawer.getByRole('button', { name: 'Copy as curl' }).click()
  const topics = link.topics.map((topic) => `topic=${topic}`).join('&')
  expect(copied.mock.calls[0]?.[0]).toBe(
    `curl -N -H 'Last-Event-ID: test-1' '${location.origin}/events?${topics}'`,
  )
  await expect.poll(() => dashboard.announcer.polite).toBe('Copied.')
})

test('switching to EventSource reconnects and shows what is hidden', async () => {
  const { link } = await openDrawer()
  await drawer.getByRole('button', { name: 'EventSource' }).click()
  await expect.element(drawer).toHaveTextContent('no comments, retry or bytes')
  await expect.element(drawer).toHaveTextContent('not visible')
  expect(link.transports).toEqual(['fetch', 'eventsource'])
  expect(link.closed).toBe(1)
  await drawer.getByRole('button', { name: 'fetch' }).click()
})

test('the height of the drawer changes by keyboard, within its limits', async () => {
  await openDrawer()
  const grip = drawer.getByRole('separator', { name: 'Height of the drawer' })
  grip.element().focus()
  await userEvent.keyboard('{ArrowUp}')
  await expect.element(grip).toHaveAttribute('aria-valuenow', '416')
  for (let i = 0; i < 12; i += 1) await userEvent.keyboard('{ArrowDown}')
  await expect.element(grip).toHaveAttribute('aria-valuenow', '240')
})
