import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defaultClientConditions, defineConfig, type ProxyOptions } from 'vite'

/** Where `nx serve api` listens, unless API_URL says otherwise. */
const target = process.env.API_URL ?? 'http://localhost:8000'

const api: ProxyOptions = {
  target,
  // Vite pipes what it proxies, so streams pass unbuffered. The API is told its own name, as when it serves the page.
  changeOrigin: true,
  configure(proxy) {
    proxy.on('proxyReq', (request, { headers }) => {
      // This server's own pages count as the API's; those of others stay what they are, and are refused.
      const isOwn = headers.origin === `http://${headers.host ?? ''}`
      if (isOwn) request.setHeader('origin', new URL(target).origin)
    })
  },
}
const API_PATHS =
  '^/(stream-(time|training|stocks)|system-stats|events|training-runs|demo-faults|time|livez|readyz|metrics|openapi\\.json)(/|\\?|$)'

export default defineConfig(({ command }) => ({
  plugins: [svelte()],
  // Development reads the libraries' source, so a change there reaches the page by HMR; a build reads their dist.
  resolve: {
    conditions:
      command === 'serve'
        ? ['@downlink/source', ...defaultClientConditions]
        : [...defaultClientConditions],
  },
  server: { proxy: { [API_PATHS]: api } },
  build: {
    // Inlined assets would be `data:` addresses, which the Content-Security-Policy refuses.
    assetsInlineLimit: 0,
    // Every browser that has been current since 2023 reads what we write.
    target: 'esnext',
    // The page's styles are small: parts that load later need no loader for theirs.
    cssCodeSplit: false,
    modulePreload: false,
  },
}))
