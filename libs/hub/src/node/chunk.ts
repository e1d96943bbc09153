/** The chunked coding of HTTP/1.1 (RFC 9112, section 7.1). */

const CRLF = '\r\n'

let lastBytes: Uint8Array | undefined
let lastChunk: Buffer = Buffer.alloc(0)

/**
 * The bytes as one chunk. The last result is cached: the hub writes the same array to all members of a group in a row, so
 * that it is framed once for all of them.
 */
export function toChunk(bytes: Uint8Array): Buffer {
  if (bytes !== lastBytes) {
    lastBytes = bytes
    lastChunk = frameChunk(bytes)
  }
  return lastChunk
}

function frameChunk(bytes: Uint8Array): Buffer {
  const head = bytes.length.toString(16) + CRLF
  const chunk = Buffer.allocUnsafe(head.length + bytes.length + CRLF.length)
  chunk.write(head, 0, 'latin1')
  chunk.set(bytes, head.length)
  chunk.write(CRLF, head.length + bytes.length, 'latin1')
  return chunk
}
