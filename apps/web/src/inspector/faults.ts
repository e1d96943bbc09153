// The faults that a server in demonstration mode makes on request; elsewhere there are none.

import { visitorName } from '../connection/visitor.ts'

export interface Fault {
  /** Its path below `/demo-faults/`. */
  readonly name: string
  readonly label: string
  readonly does: string
  /** Everybody's streams suffer, not only this browser's. */
  readonly forAll?: boolean
}

export const faults: readonly Fault[] = [
  { name: 'cut', label: 'Cut connection', does: 'The server drops the connection without a word' },
  {
    name: 'stall',
    label: 'Stall',
    does: 'The connection stays open for a minute and nothing comes',
  },
  {
    name: 'expire',
    label: 'Expire my id',
    does: 'Cut, and come back to a server that knows nothing of before',
  },
  {
    name: 'restart',
    label: 'Restart API',
    does: 'All connections end and come back',
    forAll: true,
  },
  { name: 'flood', label: 'Flood', does: 'Three thousand prices in three seconds', forAll: true },
]

const PATH = '/demo-faults'

/** Whether this server can be broken on request. */
export async function faultsAllowed(send: typeof fetch = fetch): Promise<boolean> {
  try {
    const response = await send(PATH, { cache: 'no-store' })
    return response.ok
  } catch {
    return false
  }
}

/** Asks for a fault; says what came of it. */
export async function breakIt(fault: Fault, send: typeof fetch = fetch): Promise<string> {
  try {
    const whose = fault.forAll ? '' : `?visitor=${encodeURIComponent(visitorName())}`
    const response = await send(`${PATH}/${fault.name}${whose}`, { method: 'POST' })
    return response.ok ? `${fault.label}: done.` : `${fault.label}: refused (${response.status}).`
  } catch {
    return `${fault.label}: the API did not answer.`
  }
}
