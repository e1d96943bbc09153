import type { Link } from '@downlink/client'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { prices } from './prices.ts'

export function Price({ link }: { link: Link }) {
  const [price, setPrice] = useState<number>()
  const { state } = useSyncExternalStore(
    (changed) => link.onStatus(changed),
    () => link.status,
  )
  useEffect(() => link.subscribe(prices, { onEvent: ({ data }) => setPrice(data.price) }), [link])
  return <output title={state}>{price?.toFixed(2) ?? '--.--'}</output>
}
