// The directions of import, one table: who may not import what, and what to write instead.
// Own dependencies and each project's `lib` and `types` hold the same lines; this rule names the right path.

/** @typedef {{ files: string[], forbid: { group: string[], message: string }[] }} Boundary */

const apps = {
  group: ['@downlink/api', '@downlink/web', '@downlink/e2e', '**/api/src/**', '**/web/src/**'],
  message: 'A library knows no app: move what both need into libs/protocol.',
}
const acrossProjects = {
  group: ['**/protocol/src/**', '**/hub/src/**', '**/client/src/**'],
  message: "Import another project by its package name, '@downlink/<project>', not by its files.",
}
const node = {
  group: ['node:*'],
  message: 'This package runs in browsers too: use what the language and fetch give.',
}
const koa = {
  group: ['koa', 'koa-*', '@koa/*'],
  message: 'Only apps/api knows Koa: write to the ServerResponse that hub is given.',
}
const svelte = {
  group: ['svelte', 'svelte/*', '@sveltejs/*'],
  message: 'Only apps/web knows Svelte: return plain values and callbacks.',
}
const schemaLibrary = {
  group: ['valibot', '@valibot/*'],
  message: 'Only libs/protocol/src/streams picks a schema library: take any Standard Schema here.',
}
const contract = {
  group: ['**/contract/**', '@downlink/protocol'],
  message: 'sse knows only frames: what needs a contract belongs in src/contract.',
}
const streams = {
  group: ['**/streams/**', '@downlink/protocol/streams'],
  message: 'The four demo contracts are for apps: take a Stream as an argument here.',
}
const hub = {
  group: ['@downlink/hub'],
  message: 'Only apps/api imports the hub: the wire format both sides need is @downlink/protocol.',
}
const client = {
  group: ['@downlink/client'],
  message:
    'Only apps/web imports the client: the wire format both sides need is @downlink/protocol.',
}
const web = {
  group: ['@downlink/web', '**/web/src/**'],
  message: 'api and web never import each other: what both need is @downlink/protocol.',
}
const api = {
  group: ['@downlink/api', '**/api/src/**'],
  message: 'api and web never import each other: what both need is @downlink/protocol.',
}

/** @type {Boundary[]} */
const table = [
  {
    files: ['libs/protocol/src/sse/**'],
    forbid: [apps, hub, client, node, koa, svelte, schemaLibrary, contract, streams],
  },
  {
    files: ['libs/protocol/src/contract/**'],
    forbid: [apps, hub, client, node, koa, svelte, schemaLibrary, streams],
  },
  { files: ['libs/protocol/src/streams/**'], forbid: [apps, hub, client, node, koa, svelte] },
  {
    files: ['libs/hub/src/**'],
    forbid: [apps, acrossProjects, client, koa, svelte, schemaLibrary, streams],
  },
  {
    files: ['libs/client/src/**'],
    forbid: [apps, acrossProjects, hub, node, koa, svelte, schemaLibrary, streams],
  },
  {
    files: ['apps/api/src/**'],
    forbid: [web, acrossProjects, client, svelte, schemaLibrary],
  },
  {
    files: ['apps/web/src/**'],
    forbid: [api, acrossProjects, hub, node, koa, schemaLibrary],
  },
]

/** Tests may use Node and the demo contracts; the directions between projects hold for them too. */
const testsMayUse = new Set([node, streams, schemaLibrary])

/**
 * @param {string[]} files
 * @param {Boundary['forbid']} patterns
 * @param {string[]} [ignores]
 * @returns {import('eslint').Linter.Config}
 */
function rule(files, patterns, ignores = []) {
  return {
    files,
    ignores,
    rules: { 'no-restricted-imports': ['error', { patterns }] },
  }
}

const tests = ['**/*.test.ts', '**/*.test-d.ts']

export const boundaries = table.flatMap(({ files, forbid }) => [
  rule(files, forbid, tests),
  rule(
    files.map((glob) => `${glob}/*.test*.ts`),
    forbid.filter((pattern) => !testsMayUse.has(pattern)),
  ),
])
