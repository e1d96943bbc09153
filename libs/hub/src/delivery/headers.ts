/** The headers of every event stream. */
export const EVENT_STREAM_HEADERS = Object.freeze({
  'Content-Type': 'text/event-stream',
  // Compression middleware and proxies buffer events; `no-transform` asks them not to.
  'Cache-Control': 'no-cache, no-transform',
  // nginx buffers a response unless this header turns it off.
  'X-Accel-Buffering': 'no',
})
