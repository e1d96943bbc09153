// The faults that a server in demonstration mode makes on request; elsewhere there are none.

export interface Fault {
  /** Its path below `/demo-faults/`. */
  readonly name: string
  readonly label: string
  readonly does: string
}

export const faults: readonly Fault[] = [
  { name: 'cut', label: 'Cut connection', does: 'The server drops the connection without a word' },
  { name: 'stall', label: 'Stall', does: 'The connection stays open and nothing comes' },
  { name: 'expire', label: 'Expire my id', does: 'The server forgets the events before now' },
  { name: 'restart', label: 'Restart API', does: 'All connections end and come back' },
  { name: 'flood', label: 'Flood', does: 'A burst of events at once' },
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
    const response = await send(`${PATH}/${fault.name}`, { method: 'POST' })
    return response.ok ? `${fault.label}: done.` : `${fault.label}: refused (${response.status}).`
  } catch {
    return `${fault.label}: the API did not answer.`
  }
}
