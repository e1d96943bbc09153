/** The demo contracts' schemas as JSON Schema, for documents that describe them. */
import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import type { JsonSchema, StandardSchema } from '../contract/index.ts'

/** For `toOpenApi`. A schema of another library than Valibot is described as any value. */
export function jsonSchemaOf(schema: StandardSchema): JsonSchema {
  if (schema['~standard'].vendor !== 'valibot') return true
  const described: Record<string, unknown> = {
    ...toJsonSchema(schema as GenericSchema, { target: 'draft-2020-12', typeMode: 'output' }),
  }
  // The dialect is said once, by the document.
  delete described['$schema']
  return described
}
