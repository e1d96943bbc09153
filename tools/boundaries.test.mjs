import { join } from 'node:path'
import { Linter } from 'eslint'
import tseslint from 'typescript-eslint'
import { describe, expect, it } from 'vitest'
import config from '../eslint.config.js'
import { boundaries } from './boundaries.js'
import { root } from './run.mjs'

/** @param {string} file @param {string} from */
function messages(file, from) {
  const linter = new Linter({ configType: 'flat', cwd: root })
  const typescript = { files: ['**/*.ts'], languageOptions: { parser: tseslint.parser } }
  return linter
    .verify(
      `import { x } from '${from}'\nexport const y = x\n`,
      [typescript, ...boundaries],
      join(root, file),
    )
    .map(({ message }) => message)
}

describe('import directions', () => {
  it.each([
    ['libs/protocol/src/sse/encode.ts', '../contract/pack.ts', 'belongs in src/contract'],
    ['libs/protocol/src/sse/encode.ts', 'node:buffer', 'also runs in browsers'],
    [
      'libs/protocol/src/contract/pack.ts',
      '../streams/stocks.ts',
      'accept a Stream as an argument',
    ],
    ['libs/protocol/src/index.ts', './streams/stocks.ts', 'accept a Stream as an argument'],
    ['libs/protocol/src/openapi/openapi.ts', 'valibot', 'accept any Standard Schema'],
    ['libs/protocol/src/contract/pack.ts', 'valibot', 'accept any Standard Schema'],
    ['libs/hub/src/hub.ts', 'node:http', 'code for Node belongs in src/node'],
    ['libs/hub/src/hub.ts', './node/index.ts', 'code for Node belongs in src/node'],
    ['libs/hub/src/hub.ts', 'koa', 'Only apps/api may import Koa'],
    ['libs/hub/src/hub.ts', '@downlink/protocol/streams', 'accept a Stream as an argument'],
    ['libs/hub/src/hub.ts', '@downlink/client', 'Only apps/web may import the client'],
    ['libs/hub/src/hub.ts', 'lmdb', 'accept any EventLog'],
    ['libs/log-lmdb/src/store.ts', 'koa', 'Only apps/api may import Koa'],
    ['libs/client/src/link/link.ts', 'svelte', 'Only apps/web may import Svelte'],
    ['libs/client/src/link/link.ts', 'node:http', 'also runs in browsers'],
    [
      'libs/client/src/link/link.ts',
      '@downlink/hub',
      'Only apps/api and event logs may import the hub',
    ],
    ['libs/client/src/link/link.ts', '../../protocol/src/sse/decode.ts', 'by its package name'],
    ['apps/api/src/app.ts', '@downlink/web', 'api and web must not import each other'],
    ['apps/api/src/app.ts', '@downlink/client', 'Only apps/web may import the client'],
    ['apps/web/src/main.ts', '../../api/src/app.ts', 'api and web must not import each other'],
    ['apps/web/src/main.ts', '@downlink/hub', 'Only apps/api and event logs may import the hub'],
  ])('rejects %s importing %s', (file, from, advice) => {
    expect(messages(file, from)).toEqual([expect.stringContaining(advice)])
  })

  it.each([
    ['libs/protocol/src/contract/pack.ts', '../sse/index.ts'],
    ['libs/protocol/src/streams/stocks.ts', 'valibot'],
    ['libs/hub/src/hub.ts', '@downlink/protocol/sse'],
    ['libs/log-lmdb/src/store.ts', '@downlink/hub'],
    ['libs/hub/src/node/node-sink.ts', 'node:http'],
    ['libs/hub/src/publish.test.ts', 'node:http'],
    ['libs/client/src/link/link.ts', '@downlink/protocol'],
    ['apps/api/src/app.ts', '@downlink/hub'],
    ['apps/web/src/main.ts', '@downlink/client'],
    ['libs/client/src/link/link.test.ts', 'node:http'],
  ])('allows %s to import %s', (file, from) => {
    expect(messages(file, from)).toEqual([])
  })

  it('is part of the configuration that npm test lints with', () => {
    expect(config).toEqual(expect.arrayContaining(boundaries))
  })
})
