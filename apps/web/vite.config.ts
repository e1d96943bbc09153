import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defaultClientConditions, defineConfig, type ProxyOptions } from 'vite'
import { leaveOutUnreached } from './unreached.ts'

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
  plugins: [svelte(), leaveOutUnreached()],
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
    // One after the other they leave 1.3 kB less, gzipped, than either does alone.
    minify: 'terser',
    terserOptions: { ecma: 2020, module: true, compress: { passes: 3, pure_getters: true } },
    // One small sheet: parts that are loaded later need no loader for theirs.
    cssCodeSplit: false,
    modulePreload: false,
    rolldownOptions: {
      treeshake: {
        propertyReadSideEffects: false,
        // Svelte hands all of itself on in one file: only so is what a lazy part uses loaded with that part.
        moduleSideEffects: [{ test: /svelte.src.internal/, sideEffects: false }],
      },
      optimization: { inlineConst: { mode: 'all', pass: 3 } },
      experimental: { lazyBarrel: true },
      output: {
        minify: { compress: true, mangle: true },
        codeSplitting: { groups: [{ name: 'page', test: /web.src.main.ts$/ }] },
      },
    },
  },
}))
