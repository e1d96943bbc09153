/** Connects and goes away again, many times a second: each connection is cut once it has its first bytes. */
import { connect } from 'node:net'

export interface ChurnOptions {
  readonly port: number
  readonly host?: string
  readonly path: string
  readonly perSecond: number
  readonly seconds: number
}

/** How often a batch is begun. */
const STEP_MS = 20

/** Resolves with how many connections had their first bytes before they were cut. */
export function churn({
  port,
  host = '127.0.0.1',
  path,
  perSecond,
  seconds,
}: ChurnOptions): Promise<number> {
  const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n\r\n`
  const total = perSecond * seconds
  const startMs = performance.now()
  let begun = 0
  let over = 0
  let greeted = 0
  return new Promise((resolve) => {
    const timer = setInterval(step, STEP_MS)
    step()

    function step(): void {
      const due = Math.min(total, ((performance.now() - startMs) / 1_000) * perSecond)
      while (begun < due) open()
      if (begun === total) clearInterval(timer)
    }

    function open(): void {
      begun += 1
      const socket = connect({ port, host })
      socket.write(request)
      socket.on('error', () => undefined)
      socket.once('data', () => {
        greeted += 1
        socket.resetAndDestroy()
      })
      socket.once('close', () => {
        over += 1
        if (over === total) resolve(greeted)
      })
    }
  })
}
