// Playwright's `test` with the real API behind http://localhost:8000 and the article's pages behind http://localhost:8080.
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import { type Browser, test as base } from '@playwright/test'
import { launchOptions } from '../../../tools/browser.mjs'
import { type ApiServer, createApiServer } from './server.ts'

export { expect } from '@playwright/test'

/** The addresses that users type; the browser is told which free ports stand behind them in this run. */
export const DASHBOARD = 'http://localhost:8000'
export const ARTICLE = 'http://localhost:8080'

interface WorkerFixtures {
  /** Settings of the API; a file that sets them gets an API of its own. */
  apiEnv: NodeJS.ProcessEnv
  api: ApiServer
  articlePort: number
  browser: Browser
}

export const test = base.extend<object, WorkerFixtures>({
  apiEnv: [{}, { scope: 'worker', option: true }],
  api: [
    async ({ apiEnv }, use) => {
      const api = await createApiServer(apiEnv)
      await api.start()
      await use(api)
      await api.kill()
    },
    { scope: 'worker' },
  ],
  articlePort: [
    async ({}, use) => {
      const server = createServer((request, response) => {
        const page = basename(request.url ?? '')
        response.setHeader('Content-Type', 'text/html; charset=utf-8')
        createReadStream(new URL(`../article/${page}`, import.meta.url))
          .on('error', () => response.writeHead(404).end())
          .pipe(response)
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      await use((server.address() as AddressInfo).port)
      server.closeAllConnections()
      server.close()
    },
    { scope: 'worker' },
  ],
  browser: [
    async ({ playwright, api, articlePort }, use) => {
      const { args, ...options } = launchOptions()
      const rules = `MAP localhost:8000 127.0.0.1:${api.port}, MAP localhost:8080 127.0.0.1:${articlePort}`
      const browser = await playwright.chromium.launch({
        ...options,
        args: [...args, `--host-resolver-rules=${rules}`],
      })
      await use(browser)
      await browser.close()
    },
    { scope: 'worker' },
  ],
})
