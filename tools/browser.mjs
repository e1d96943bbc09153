// Finds Chromium or Chrome on this machine, or installs it. The tests run in a real browser.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { aptGetInstall } from './apt-get.mjs'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const MAC_APPS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** Disables network requests in the background: without a network, they would slow every test. */
export const BROWSER_ARGS = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * The launch options for Playwright and for Vitest's browser mode. If the machine has no browser, Playwright uses its
 * own.
 */
export function launchOptions() {
  const executablePath = findBrowser()
  return {
    ...(executablePath === undefined ? {} : { executablePath }),
    args: BROWSER_ARGS,
    // Chromium cannot use its sandbox as root.
    chromiumSandbox: process.getuid?.() !== 0,
  }
}

/**
 * The path of Chromium or Chrome: from `CHROMIUM_PATH`, else from the PATH, else from the usual locations.
 * @returns {string | undefined}
 */
export function findBrowser() {
  const wanted = process.env.CHROMIUM_PATH
  if (wanted) {
    if (existsSync(wanted)) return wanted
    throw new Error(`CHROMIUM_PATH is ${wanted}, which does not exist. Correct it or unset it.`)
  }
  const folders = (process.env.PATH ?? '').split(delimiter)
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  return [...onPath, ...MAC_APPS].find(isExecutable)
}

/** Installs a browser if there is none: Debian's package as root, else Playwright's own. Throws if both fail. */
export function ensureBrowser() {
  if (findBrowser() !== undefined || playwrightBrowserExists()) return
  if (aptGetInstall('chromium')) return
  if (playwrightInstall()) return
  throw new Error(
    'No Chromium or Chrome was found and none could be installed. ' +
      'Install one and put it on the PATH, or set CHROMIUM_PATH to its executable.',
  )
}

function playwrightBrowserExists() {
  const script = "console.log(require('playwright-core').chromium.executablePath())"
  const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' })
  return stdout !== null && existsSync(stdout.trim())
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function playwrightInstall() {
  const args = ['playwright', 'install', 'chromium']
  return spawnSync('npx', args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}
