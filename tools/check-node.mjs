// Exits with one line if this version of Node is not supported, before other modules use newer features.
import { readFileSync } from 'node:fs'
import process from 'node:process'

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const supported = manifest.engines.node

if (!satisfies(process.versions.node, supported)) {
  console.error(
    `Downlink needs Node ${supported}, but this is ${process.versions.node}. ` +
      'Install a supported version from https://nodejs.org and run the command again.',
  )
  process.exit(1)
}

/**
 * Whether a version is in a range. Supports only the forms that engines.node uses: `^20.19`, `>=24` and `||`.
 * @param {string} version
 * @param {string} range
 */
export function satisfies(version, range) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return range.split('||').some((part) => {
    const match = /^(\^|>=)(\d+)(?:\.(\d+))?$/.exec(part.trim())
    if (match === null) throw new Error(`Unsupported range in engines.node: ${part}`)
    const [wantMajor, wantMinor] = [Number(match[2]), Number(match[3] ?? 0)]
    if (major === wantMajor) return minor >= wantMinor
    return match[1] === '>=' && major > wantMajor
  })
}
