// The same measurements in Chromium: bundled into a page, without the parsers that need Node.
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { launchOptions } from '../../../tools/browser.mjs'

const bundled = await build({
  stdin: {
    contents: "export { measure } from './measure.mjs'",
    resolveDir: import.meta.dirname,
    sourcefile: 'page.mjs',
  },
  bundle: true,
  format: 'iife',
  globalName: 'bench',
  write: false,
})
const browser = await chromium.launch(launchOptions())

/** Measures each regime in a page of its own. */
export async function measureInChromium(name) {
  const page = await browser.newPage()
  try {
    await page.addScriptTag({ content: bundled.outputFiles[0].text })
    const times = await page.evaluate((wanted) => globalThis.bench.measure(wanted), name)
    return { version: `Chromium ${browser.version()}`, times }
  } finally {
    await page.close()
  }
}

export function close() {
  return browser.close()
}
