// Where a Chromium is on this machine, and how to get one: tests drive the real browser.
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

/** Nothing in the background may reach for the network: a closed one would slow every test. */
export const BROWSER_ARGS = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * The options both Playwright and Vitest's browser mode launch with. Without a browser on the machine,
 * Playwright looks for its own.
 */
export function launchOptions() {
  const executablePath = findBrowser()
  return {
    ...(executablePath === undefined ? {} : { executablePath }),
    args: BROWSER_ARGS,
    // Chromium refuses its sandbox to root.
    chromiumSandbox: process.getuid?.() !== 0,
  }
}

/**
 * The path of Chromium or Chrome: `CHROMIUM_PATH` first, then the PATH, then the usual places.
 * @returns {string | undefined}
 */
export function findBrowser() {
  const wanted = process.env.CHROMIUM_PATH
  if (wanted) {
    if (existsSync(wanted)) return wanted
    throw new Error(`CHROMIUM_PATH is ${wanted}, and no file is there. Correct it or unset it.`)
  }
  const folders = (process.env.PATH ?? '').split(delimiter)
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  return [...onPath, ...MAC_APPS].find(isExecutable)
}

/** Finds a browser, or installs one: Debian's as root, else Playwright's own. Throws where both fail. */
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
