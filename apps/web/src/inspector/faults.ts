// The faults that a server in demonstration mode causes on request.
import { visitorName } from '../connection/connect.ts'

export interface Fault {
  /** Last segment of its path, below `/demo-faults/`. */
  readonly name: string
  readonly label: string
  /** What it does, as a tooltip. */
  readonly description: string
  /** Affects all visitors, not only this browser. */
  readonly forAll?: boolean
}

export const faults: readonly Fault[] = [
  {
    name: 'cut',
    label: 'Cut connection',
    description: 'The server closes the connection without a goodbye event',
  },
  {
    name: 'stall',
    label: 'Stall',
    description: 'The connection stays open for a minute, without data',
  },
  {
    name: 'expire',
    label: 'Expire my id',
    description: 'Cut the connection; the server no longer knows the last event id',
  },
  {
    name: 'restart',
    label: 'Restart API',
    description: 'All connections end and reconnect',
    forAll: true,
  },
  { name: 'flood', label: 'Flood', description: '3,000 prices in three seconds', forAll: true },
]

const PATH = '/demo-faults'

/** Whether the server is in demonstration mode. */
export async function faultsAllowed(send: typeof fetch = fetch): Promise<boolean> {
  try {
    const response = await send(PATH, { cache: 'no-store' })
    return response.ok
  } catch {
    return false
  }
}

/** Causes a fault and returns the result in words. */
export async function causeFault(fault: Fault, send: typeof fetch = fetch): Promise<string> {
  try {
    const query = fault.forAll ? '' : `?visitor=${encodeURIComponent(visitorName())}`
    const response = await send(`${PATH}/${fault.name}${query}`, { method: 'POST' })
    return response.ok ? `${fault.label}: done.` : `${fault.label}: refused (${response.status}).`
  } catch {
    return `${fault.label}: the API did not answer.`
  }
}
