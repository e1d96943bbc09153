import { readEvents } from '@downlink/protocol/sse'

/** Collects the data of all events of a response. Each batch contains the events of one chunk. */
export async function dataOf(response: Response): Promise<string[]> {
  const all: string[] = []
  if (response.body) {
    for await (const events of readEvents(response.body)) {
      all.push(...events.map((event) => event.data))
    }
  }
  return all
}
