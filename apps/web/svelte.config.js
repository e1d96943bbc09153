import { vitePreprocess } from '@sveltejs/vite-plugin-svelte'

export default {
  preprocess: vitePreprocess(),
  // Short, and one for each component: they are named all over the page's code.
  compilerOptions: {
    cssHash: ({ name, hash }) => `_${hash(name).slice(0, 3)}`,
    discloseVersion: false,
  },
  vitePlugin: {
    // Ours are all runes; a dependency may still have components in the older syntax.
    dynamicCompileOptions: ({ filename }) =>
      filename.includes('node_modules') ? undefined : { runes: true },
  },
}
