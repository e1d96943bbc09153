/** What relative addresses are relative to. */

/** The document's base, else the worker's address, else nothing: then only absolute addresses parse. */
export function baseUrl(): string | undefined {
  const scope = globalThis as { document?: { baseURI?: string }; location?: { href?: string } }
  return scope.document?.baseURI ?? scope.location?.href
}
