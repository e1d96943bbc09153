import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defaultClientConditions, defineConfig } from 'vite'

export default defineConfig(({ command }) => ({
  plugins: [svelte()],
  // Development reads the libraries' source, so a change there reaches the page by HMR; a build reads their dist.
  resolve: {
    conditions:
      command === 'serve'
        ? ['@downlink/source', ...defaultClientConditions]
        : [...defaultClientConditions],
  },
}))
