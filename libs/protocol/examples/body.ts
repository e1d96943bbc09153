import { readEvents } from '@downlink/protocol/sse'

/** All data of a response, a batch for each chunk. */
export async function dataOf(response: Response): Promise<string[]> {
  const all: string[] = []
  if (response.body) {
    for await (const events of readEvents(response.body)) {
      all.push(...events.map((event) => event.data))
    }
  }
  return all
}
