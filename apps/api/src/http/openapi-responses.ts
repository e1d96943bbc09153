/** OpenAPI response objects, generated from Valibot schemas. */
import { jsonSchemaOf } from '@downlink/protocol/streams'
import type { GenericSchema } from 'valibot'
import { problemSchema } from './problem.ts'

export function jsonResponse(description: string, schema: GenericSchema): object {
  return { description, content: { 'application/json': { schema: jsonSchemaOf(schema) } } }
}

export const PROBLEM_RESPONSE = {
  description: 'An error (RFC 9457).',
  content: { 'application/problem+json': { schema: jsonSchemaOf(problemSchema) } },
}
