import { describe, expect, test } from 'vitest'
import { createFormats } from './format.ts'

const formats = createFormats('en-US')

describe('changes', () => {
  test.each([
    [0.42, '+0.42'],
    [-1.13, '\u22121.13'],
    [0, '±0.00'],
    [-0.001, '±0.00'],
    [0.004, '±0.00'],
    [1234.5, '+1,234.50'],
  ])('%d is written %s', (value, text) => {
    expect(formats.change(value)).toBe(text)
  })

  test('percentages have a sign, except for zero', () => {
    expect(formats.changePercent(0.18)).toBe('+0.18%')
    expect(formats.changePercent(-0.63)).toBe('\u22120.63%')
    expect(formats.changePercent(0)).toBe('0.00%')
  })
})

test.each([
  [0, '0 B'],
  [842, '842 B'],
  [1900, '1.9 kB'],
  [1_600_000, '1.6 MB'],
])('%d bytes are written %s', (count, text) => {
  expect(formats.bytes(count)).toBe(text)
})

test.each([
  [0, '0:00'],
  [26_900, '0:26'],
  [842_000, '14:02'],
  [3_723_000, '1:02:03'],
  [-5, '0:00'],
])('a duration of %d ms is written %s', (ms, text) => {
  expect(formats.duration(ms)).toBe(text)
})

test.each([
  [400, '0.4 s ago'],
  [9_940, '9.9 s ago'],
  [12_400, '12 s ago'],
])('an age of %d ms is written %s', (ageMs, text) => {
  expect(formats.age(ageMs, 0)).toBe(text)
})

test('an age of more than a minute is written as the time of day', () => {
  const at = new Date(2026, 10, 22, 14, 27, 35).getTime()
  expect(formats.age(60_000, at)).toBe('14:27:35')
})

test.each([
  [0, 'UTC'],
  [60, 'UTC+1'],
  [-210, 'UTC\u22123:30'],
  [345, 'UTC+5:45'],
])('a zone %d minutes ahead of UTC is written %s', (minutes, text) => {
  expect(formats.zone(minutes)).toBe(text)
})

test.each([
  [12, '12 ms'],
  [-4100, '4.1 s'],
  [180_000, '3 min'],
  [7_500_000, '2 h 5 min'],
])('an offset of %d ms is written %s', (ms, text) => {
  expect(formats.span(ms)).toBe(text)
})

test('a date is that of the given time zone, not of the device', () => {
  const lateOnSaturdayInUtc = Date.UTC(2026, 10, 21, 23, 30)
  expect(formats.date(lateOnSaturdayInUtc, 60)).toContain('22')
  expect(formats.date(lateOnSaturdayInUtc, 0)).toContain('21')
})

test('an invalid language falls back to English', () => {
  expect(createFormats('<b>nonsense</b>').whole(11206)).toBe('11,206')
  expect(createFormats('de-DE').whole(11206)).toBe('11.206')
})
