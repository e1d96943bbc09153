import { createHub } from '@downlink/hub'
import { createNodeSink } from '@downlink/hub/node'
import { createLink } from '@downlink/client'
import { training } from '@downlink/protocol/streams'
import { encodeEvent } from '@downlink/protocol/sse'
import { createServer } from 'node:http'

const hub = createHub()
createServer((_, response) => {
  hub.subscribe({ sink: createNodeSink(response), topics: [{ stream: training }] })
})
void hub.publish(training, 'progress', { epoch: 1, total_epochs: 10, progress_percent: 1, loss: 1 })
// @ts-expect-error a text is no progress
void hub.publish(training, 'progress', 'Training complete!')

createLink('http://localhost/events').subscribe(training, {
  onEvent(event) {
    const text: string = event.event === 'complete' ? event.data : String(event.data.loss)
    encodeEvent({ data: text })
    // @ts-expect-error only one of the two has a loss
    event.data.loss
  },
})
