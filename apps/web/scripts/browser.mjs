// The browser of the scripts beside: the same one, started the same way, as the tests drive.
import { chromium } from 'playwright'
import { launchOptions } from '../../../tools/browser.mjs'

export function launchBrowser() {
  return chromium.launch(launchOptions())
}
