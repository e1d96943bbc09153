// Starts the browser for the scripts, with the options that the tests use.
import { chromium } from 'playwright'
import { launchOptions } from '../../../tools/browser.mjs'

export function launchBrowser() {
  return chromium.launch(launchOptions())
}
