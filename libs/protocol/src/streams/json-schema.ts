/** Converts the schemas of the demo contracts to JSON Schema, for the OpenAPI document. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import type { JsonSchema } from '../index.ts'

/** The `jsonSchemaOf` option of `toOpenApi` for Valibot schemas. Returns `true` (any value) for other libraries. */
export function jsonSchemaOf(schema: StandardSchemaV1): JsonSchema {
  if (schema['~standard'].vendor !== 'valibot') return true
  const described: Record<string, unknown> = {
    ...toJsonSchema(schema as GenericSchema, { target: 'draft-2020-12', typeMode: 'output' }),
  }
  // draft-2020-12 is the default dialect of an OpenAPI 3.2 document.
  delete described['$schema']
  return described
}
