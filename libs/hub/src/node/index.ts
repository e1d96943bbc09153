/** The hub on Node's HTTP servers: `@downlink/hub/node`. */
export { createNodeSink } from './node-sink.ts'
export type { NodeSinkOptions } from './node-sink.ts'
export { serializeRequests } from './pipelining.ts'
