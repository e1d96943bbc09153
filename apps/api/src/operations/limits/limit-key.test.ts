import { expect, test } from 'vitest'
import { startApi } from '../../../test/api.ts'
import { limitKey } from './limit-key.ts'

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::FFFF:cb00:7107', '203.0.113.7'],
  ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8::5:6:7:8', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', ''],
  ['not an address', 'not an address'],
])('counts %j as %j', (address, key) => {
  expect(limitKey(address)).toBe(key)
})

test('counts streams per IPv6 network, and an IPv4-mapped address as IPv4', async () => {
  const { open } = await startApi({ TRUST_PROXY: '1', MAX_STREAMS_PER_ADDRESS: '1' })
  const statusFrom = async (address: string) =>
    (await open('/stream-time', { 'X-Forwarded-For': address })).status
  expect(await statusFrom('2001:db8:1:2::1')).toBe(200)
  expect(await statusFrom('2001:db8:1:2:ffff::2')).toBe(503)
  expect(await statusFrom('2001:db8:1:3::1')).toBe(200)
  expect(await statusFrom('203.0.113.7')).toBe(200)
  expect(await statusFrom('::ffff:203.0.113.7')).toBe(503)
})
