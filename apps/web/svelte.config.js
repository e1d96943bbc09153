import { vitePreprocess } from '@sveltejs/vite-plugin-svelte'

/** Whose styles a class belongs to. */
const owners = new Map()

/** Three letters tell our components apart, and they are named all over the page's code. */
function cssHash({ name, hash }) {
  const short = `_${hash(name).slice(-3)}`
  const owner = owners.get(short) ?? name
  if (owner !== name) throw new Error(`Take more letters: ${owner} and ${name} share ${short}.`)
  owners.set(short, name)
  return short
}

export default {
  preprocess: vitePreprocess(),
  compilerOptions: { cssHash, discloseVersion: false },
  vitePlugin: {
    // Ours are all runes; a dependency may still have components in the older syntax.
    dynamicCompileOptions: ({ filename }) =>
      filename.includes('node_modules') ? undefined : { runes: true },
  },
}
