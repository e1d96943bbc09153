import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

test('every default is a valid value', () => {
  expect(readConfig({})).toMatchObject({
    PORT: 8000,
    CORS_ORIGINS: ['http://localhost:8080', 'http://localhost:5173'],
    ALLOWED_HOSTS: ['localhost', '127.0.0.1', '[::1]'],
    DEMO_FAULTS: false,
  })
})

test('an empty variable counts as missing, except where a list may be empty', () => {
  const config = readConfig({ PORT: '', CORS_ORIGINS: '' })
  expect(config.PORT).toBe(8000)
  expect(config.CORS_ORIGINS).toEqual([])
})

test('lists are split at commas, and their items trimmed', () => {
  const { CORS_ORIGINS } = readConfig({ CORS_ORIGINS: ' https://a.example, http://b.example:81 ' })
  expect(CORS_ORIGINS).toEqual(['https://a.example', 'http://b.example:81'])
})

test('ALLOWED_HOSTS accepts names, wildcards and addresses', () => {
  const list =
    'Example.org,example.com.,*.example.org,xn--mnchen-3ya.example,10.0.0.7,[fd00::7],a_b'
  expect(readConfig({ ALLOWED_HOSTS: list }).ALLOWED_HOSTS).toEqual(list.toLowerCase().split(','))
})

test.each<[string, string, string]>([
  ['PORT', '80o0', 'PORT must be a whole number from 0 to 65535, or the path of a Unix socket'],
  ['PORT', '65536', 'PORT must be a whole number from 0 to 65535, or the path of a Unix socket'],
  ['PORT', '-1', 'PORT must be a whole number from 0 to 65535, or the path of a Unix socket'],
  ['HOST', 'local host', 'HOST must be an address or a host name, not "local host".'],
  ['DEMO_FAULTS', 'yes', 'DEMO_FAULTS must be 0 or 1, not "yes".'],
  ['EVENT_LOG', 'lmdb:', 'EVENT_LOG must be memory, or lmdb: and a directory, such as lmdb:./data'],
  ['EVENT_LOG', 'redis', 'EVENT_LOG must be memory'],
  ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be one of fatal, error,'],
  ['CORS_ORIGINS', '*', 'CORS_ORIGINS must be origins such as https://example.org,'],
  ['CORS_ORIGINS', 'http://a.example/', 'CORS_ORIGINS must be origins'],
  ['CORS_ORIGINS', 'null', 'CORS_ORIGINS must be origins'],
  ['PORT', `/${'x'.repeat(103)}`, 'with a / and at most 103 bytes'],
  ...[
    'http://a.example',
    'a.example:80',
    '::1',
    '[0::1]',
    '[::g]',
    '127.1',
    '0x7f.0.0.1',
    '1.2.3.4.5.256',
    'a..example',
    '.example',
    '*',
    '*.',
    '*.*',
    '*.127.0.0.1',
    '*.[::1]',
    'a.*.example',
    '*a.example',
    'münchen.example',
  ].map((name): [string, string, string] => [
    'ALLOWED_HOSTS',
    name,
    'ALLOWED_HOSTS must be host names',
  ]),
])('rejects %s=%s with one line that states the rule', (name, text, expected) => {
  const read = () => readConfig({ [name]: text })
  expect(read).toThrow(expected)
  expect(read).toThrow(/^[^\n]+Change it or unset it \(default [^\n]+\)\.$/)
})

test.each([
  ['PORT', 0, 65_535],
  ['HEARTBEAT_MS', 100, 600_000],
  ['DRAIN_MS', 0, 600_000],
] as const)('%s may be from %i to %i, both included', (name, min, max) => {
  for (const value of [min, max]) expect(readConfig({ [name]: String(value) })[name]).toBe(value)
  for (const value of [min - 1, max + 1])
    expect(() => readConfig({ [name]: String(value) })).toThrow(`${name} must be a whole number`)
})
