import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { startApi } from '../../test/api.ts'
import { streams } from '../streams/index.ts'

interface Described {
  readonly openapi: string
  readonly paths: Record<string, Record<string, object>>
}

async function described(): Promise<Described> {
  const { send } = await startApi()
  const { status, headers, body } = await send('/openapi.json')
  expect(status).toBe(200)
  expect(headers['content-type']).toContain('application/json')
  return JSON.parse(body) as Described
}

test('the document is valid OpenAPI 3.2', async () => {
  const document = await described()
  expect(document.openapi).toBe('3.2.0')
  expect(await new Validator().validate({ ...document })).toEqual({ valid: true })
})

test('every path in the document exists, with exactly the methods in the document', async () => {
  const document = await described()
  const { send, startRun } = await startApi()
  const run = startRun()
  for (const [path, operations] of Object.entries(document.paths)) {
    const answer = await send(path.replace('{id}', run.id), { method: 'OPTIONS' })
    const methods = Object.keys(operations).filter((key) => key !== 'parameters')
    expect(answer.headers.allow?.toLowerCase().split(', ').sort()).toEqual(
      ['head', ...methods].sort(),
    )
  }
})

test('on /events the topic of a training run is training/<id>', async () => {
  const document = await described()
  const text = JSON.stringify(document.paths['/events'])
  expect(text).toContain('"pattern":"^training/[^/]+/progress$"')
  const standing = streams.filter(({ idsFrom }) => idsFrom === undefined)
  expect(text).toContain(JSON.stringify({ enum: standing.map(({ contract }) => contract.topic) }))
  expect(text).not.toContain('"training/progress"')
})

test('describes the limits of the server on /events, and not on /system-stats', async () => {
  const { paths } = await described()
  expect(JSON.stringify(paths['/events'])).toContain('system-stats/limits')
  expect(JSON.stringify(paths['/system-stats'])).not.toContain('limit')
})
