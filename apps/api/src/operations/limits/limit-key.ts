/** Returns the key under which limits per client address count a client. */
import { isIPv6 } from 'node:net'

/** 16-bit groups that identify a network: one customer usually holds a whole /64. */
const NETWORK_GROUPS = 4
/** `::ffff:0:0/96` in the canonical form that the URL standard gives. */
const IPV4_MAPPED = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/

/**
 * Returns an IPv6 address as its network, `2001:db8:0:1::/64`, and an IPv4-mapped one as IPv4. Any other text, such as
 * an IPv4 address, is its own key.
 */
export function limitKey(address: string): string {
  const [withoutZone = ''] = address.split('%')
  if (!isIPv6(withoutZone)) return address
  const canonical = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1)
  const mapped = IPV4_MAPPED.exec(canonical)
  if (mapped !== null) return mapped.slice(1).flatMap(bytesOf).join('.')
  return `${groupsOf(canonical).slice(0, NETWORK_GROUPS).join(':')}::/64`
}

function groupsOf(canonical: string): readonly string[] {
  const [head = [], tail = []] = canonical.split('::').map((part) => part.split(':'))
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  return [...head, ...zeros, ...tail].map((group) => group || '0')
}

function bytesOf(group: string): readonly number[] {
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 0xff]
}
