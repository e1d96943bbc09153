/** Installs the other libraries of the bench in this folder, unless they are installed. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export function installPeers(): void {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  if (existsSync(new URL('node_modules/.package-lock.json', import.meta.url))) return
  console.log('Installing what the hub is compared with …')
  const { status } = spawnSync('npm', ['ci', '--workspaces=false', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error(`npm ci failed in ${folder}: see above.`)
}
