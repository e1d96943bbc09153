/** Opens many connections per second, and resets each one after its first bytes. */
import { connect } from 'node:net'

export interface ChurnOptions {
  readonly port: number
  readonly host?: string
  readonly path: string
  readonly perSecond: number
  readonly seconds: number
}

/** The interval between batches of connections. */
const STEP_MS = 20

/** Resolves with the number of connections that received bytes before they were reset. */
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
  let started = 0
  let over = 0
  let answered = 0
  return new Promise((resolve) => {
    const timer = setInterval(step, STEP_MS)
    step()

    function step(): void {
      const due = Math.min(total, ((performance.now() - startMs) / 1_000) * perSecond)
      while (started < due) open()
      if (started === total) clearInterval(timer)
    }

    function open(): void {
      started += 1
      const socket = connect({ port, host })
      socket.write(request)
      socket.on('error', () => undefined)
      socket.once('data', () => {
        answered += 1
        socket.resetAndDestroy()
      })
      socket.once('close', () => {
        over += 1
        if (over === total) resolve(answered)
      })
    }
  })
}
