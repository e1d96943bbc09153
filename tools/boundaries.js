// The import directions as one table: which files must not import what, and what to import instead. The dependencies in
// package.json and the `lib` and `types` of each tsconfig enforce the same directions, without an explanation.

/** @typedef {{ files: string[], forbid: { group: string[], message: string }[] }} Boundary */

const apps = {
  group: ['@downlink/api', '@downlink/web', '@downlink/e2e', '**/api/src/**', '**/web/src/**'],
  message: 'Libraries must not import apps: move shared code into libs/protocol.',
}
const acrossProjects = {
  group: ['**/protocol/src/**', '**/hub/src/**', '**/client/src/**', '**/log-lmdb/src/**'],
  message: "Import another project by its package name, '@downlink/<project>', not by its files.",
}
const node = {
  group: ['node:*'],
  message: 'This package also runs in browsers: use language features and web standards only.',
}
const hubCore = {
  group: ['node:*', '**/node/**'],
  message: 'The core of the hub runs in any runtime: code for Node belongs in src/node.',
}
const koa = {
  group: ['koa', 'koa-*', '@koa/*'],
  message: 'Only apps/api may import Koa: accept a ServerResponse or a sink instead.',
}
const svelte = {
  group: ['svelte', 'svelte/*', '@sveltejs/*'],
  message: 'Only apps/web may import Svelte: return plain values and accept callbacks.',
}
const schemaLibrary = {
  group: ['valibot', '@valibot/*'],
  message:
    'Only apps/api and libs/protocol/src/streams use a schema library: accept any Standard Schema here.',
}
const contract = {
  group: ['**/contract/**', '@downlink/protocol'],
  message: 'src/sse only handles frames: code that needs a contract belongs in src/contract.',
}
const streams = {
  group: ['**/streams/**', '@downlink/protocol/streams'],
  message: 'The demo contracts are for apps: accept a Stream as an argument here.',
}
const hub = {
  group: ['@downlink/hub'],
  message:
    'Only apps/api and event logs may import the hub: code for both sides belongs in @downlink/protocol.',
}
const lmdb = {
  group: ['lmdb', '@downlink/log-lmdb'],
  message: 'Only libs/log-lmdb uses LMDB: accept any EventLog here.',
}
const client = {
  group: ['@downlink/client'],
  message:
    'Only apps/web may import the client: code for both sides belongs in @downlink/protocol.',
}
const web = {
  group: ['@downlink/web', '**/web/src/**'],
  message: 'api and web must not import each other: shared code belongs in @downlink/protocol.',
}
const api = {
  group: ['@downlink/api', '**/api/src/**'],
  message: 'api and web must not import each other: shared code belongs in @downlink/protocol.',
}

/** @type {Boundary[]} */
const table = [
  {
    files: ['libs/protocol/src/sse/**'],
    forbid: [apps, hub, client, node, koa, svelte, schemaLibrary, contract, streams],
  },
  {
    files: ['libs/protocol/src/*', 'libs/protocol/src/contract/**', 'libs/protocol/src/openapi/**'],
    forbid: [apps, hub, client, node, koa, svelte, schemaLibrary, streams],
  },
  { files: ['libs/protocol/src/streams/**'], forbid: [apps, hub, client, node, koa, svelte] },
  {
    files: ['libs/hub/src/**'],
    forbid: [apps, acrossProjects, client, hubCore, koa, svelte, schemaLibrary, streams, lmdb],
  },
  {
    files: ['libs/hub/src/node/**'],
    forbid: [apps, acrossProjects, client, koa, svelte, schemaLibrary, streams, lmdb],
  },
  {
    files: ['libs/log-lmdb/src/**'],
    forbid: [apps, acrossProjects, client, koa, svelte, schemaLibrary, streams],
  },
  {
    files: ['libs/client/src/**'],
    forbid: [apps, acrossProjects, hub, node, koa, svelte, schemaLibrary, streams],
  },
  {
    files: ['apps/api/src/**'],
    forbid: [web, acrossProjects, client, svelte],
  },
  {
    files: ['apps/web/src/**'],
    forbid: [api, acrossProjects, hub, node, koa, schemaLibrary],
  },
]

/** Exceptions for tests: Node, the demo contracts and the schema library. */
const testsMayUse = new Set([node, hubCore, streams, schemaLibrary])

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
