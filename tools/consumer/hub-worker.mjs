// For workerd, which has timers and random numbers only while it handles a request.
import { runHub } from './hub.mjs'

export default {
  async fetch() {
    const globalsOfNode = ['Buffer', 'process', 'setImmediate'].filter((name) => name in globalThis)
    return Response.json({ globalsOfNode, result: await runHub() })
  },
}
