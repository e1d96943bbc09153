import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defaultClientConditions, defineConfig, type ProxyOptions } from 'vite'

/** Address of the API; `nx serve api` listens on the default. */
const target = process.env.API_URL ?? 'http://localhost:8000'

const api: ProxyOptions = {
  target,
  // Vite does not buffer proxied responses. The API receives its own host name, as when it serves the page.
  changeOrigin: true,
  configure(proxy) {
    proxy.on('proxyReq', (request, { headers }) => {
      // Pages of this server count as pages of the API. Other origins are passed on, and the API refuses them.
      const isOwn = headers.origin === `http://${headers.host ?? ''}`
      if (isOwn) request.setHeader('origin', new URL(target).origin)
    })
  },
}
/** Every path that Vite does not serve: not the page, its source and dependencies, Vite's own modules, or public files. */
const API_PATHS = String.raw`^/(?!$|\?|@|__|src/|node_modules/|[^/?]+\.(?:html|js|svg)(?:\?|$))`

export default defineConfig(({ command }) => ({
  plugins: [svelte()],
  // In development, libraries are read from their source, for hot reload. A build reads their dist.
  resolve: {
    conditions:
      command === 'serve'
        ? ['@downlink/source', ...defaultClientConditions]
        : [...defaultClientConditions],
  },
  server: { proxy: { [API_PATHS]: api } },
  build: {
    // The Content-Security-Policy forbids `data:` URLs of inlined assets.
    assetsInlineLimit: 0,
    // The page needs a browser from 2023 or later.
    target: 'esnext',
    // All styles are small, so parts that load later need no style sheet of their own.
    cssCodeSplit: false,
    modulePreload: false,
  },
}))
