// Before: const source = new EventSource(url, { withCredentials: true })
import { EventSource } from '@downlink/client/event-source'

// After: the same class in every runtime, with headers if you need them.
export function listen(url: string, token: string, onPrice: (data: string) => void): () => void {
  const source = new EventSource(url, { headers: { authorization: `Bearer ${token}` } })
  source.addEventListener('tick', ({ data }) => onPrice(data))
  return () => source.close()
}
