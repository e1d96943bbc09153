import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defaultClientConditions, defineConfig, type ProxyOptions } from 'vite'

/** Where `nx serve api` listens, unless API_URL says otherwise. */
const api: ProxyOptions = {
  target: process.env.API_URL ?? 'http://localhost:8000',
  // Vite pipes what it proxies, so streams pass unbuffered; the API is told its own name, not the page's.
  changeOrigin: true,
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
  // Inlined assets would be `data:` addresses, which the Content-Security-Policy refuses.
  build: { assetsInlineLimit: 0 },
}))
