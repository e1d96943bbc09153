/** Tabs of a real Chromium. Their pages have the library as the global `downlink`. */
import { build } from 'esbuild'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { launchOptions } from '../../../tools/browser.mjs'
import type { StreamServer } from './stream-server.ts'

export interface Tabs {
  readonly context: BrowserContext
  /** Opens a tab in its own process. */
  open(server: StreamServer): Promise<Page>
  close(): Promise<void>
}

/** The library bundled for browsers, as files by name. */
export async function bundle(): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import * as link from '@downlink/client'
        import * as eventSource from '@downlink/client/event-source'
        import * as protocol from '@downlink/protocol'
        globalThis.downlink = { ...link, ...protocol, EventSource: eventSource.EventSource }
      `,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    write: false,
    splitting: true,
    format: 'esm',
    outdir: '/',
    entryNames: 'app',
    conditions: ['@downlink/source'],
  })
  return new Map(outputFiles.map(({ path, text }) => [path, text]))
}

export async function startTabs(): Promise<Tabs> {
  const [browser, files]: [Browser, Map<string, string>] = await Promise.all([
    chromium.launch(launchOptions()),
    bundle(),
  ])
  const context = await browser.newContext()
  return {
    context,
    async open(server) {
      const page = await context.newPage()
      await page.route('**/*', (route) => {
        const { pathname } = new URL(route.request().url())
        const file = files.get(pathname)
        if (file !== undefined) {
          return route.fulfill({ contentType: 'text/javascript', body: file })
        }
        if (pathname === '/worker.js') {
          const body = `import '/app.js'; onmessage = ({ data }) => eval(data)`
          return route.fulfill({ contentType: 'text/javascript', body })
        }
        if (pathname !== '/page') return route.continue()
        const body = '<!doctype html><script type="module" src="/app.js"></script>'
        return route.fulfill({ contentType: 'text/html', body })
      })
      await page.goto(`${server.url}/page`)
      await page.waitForFunction('globalThis.downlink !== undefined')
      return page
    },
    close: () => browser.close(),
  }
}
