/** Tests the API behind nginx, haproxy and Apache, with stock settings and with the settings in docs/proxies.md. */
import { run } from '../run.mjs'
import { startApi } from './api-process.ts'
import {
  abort,
  capacity,
  clientAddress,
  compressed,
  drain,
  firstEvent,
  post,
  quiet,
  resume,
  silence,
  type Cells,
  type Setup,
} from './proxy-checks.ts'
import { startProxy } from './proxy-process.ts'
import { findProgram, proxyPrograms, type ProxyProgram } from './proxy-programs.ts'
import { startQuietServer } from './quiet-server.ts'
import type { Report } from './report.ts'

interface Column {
  readonly setup: Setup
  /** True for the documented settings. Stock settings are only measured. */
  readonly mustHold: boolean
  readonly cells: Cells
}

const DRAIN_MS = 2_000
const FIRST_CLIENT_HOST = 10

/** @param only - names of programs; none means all */
export async function soakProxies(report: Report, only: readonly string[]): Promise<void> {
  const wanted = proxyPrograms.filter(
    ({ name }) => only.length === 0 || only.includes(name.toLowerCase()),
  )
  if (wanted.length < only.length) {
    const names = proxyPrograms.map(({ name }) => name.toLowerCase())
    throw new Error(
      `Unknown or duplicate program in ${only.join(', ')}. Use ${names.join(', ')}, each at most once.`,
    )
  }
  const installed = wanted.flatMap((program) => {
    const executable = findProgram(program)
    if (executable === undefined) report.skip(program.name, 'not installed')
    return executable === undefined ? [] : [{ program, executable }]
  })
  if (installed.length === 0) return
  if ((await run('nx', ['run-many', '-t', 'build', '-p', 'api', 'web'], { quiet: true })) !== 0)
    throw new Error('The build failed. See its messages above.')

  const api = await startApi({ DRAIN_MS: String(DRAIN_MS), TRUST_PROXY: '1' })
  const quietServer = await startQuietServer()
  const columns: Column[] = []
  for (const { program, executable } of installed) {
    for (const site of [program.stock, program.documented])
      columns.push(await column(program, executable, site))
  }

  console.log('Measuring takes about three minutes …')
  // The check of quiet streams takes two minutes. The other checks run at the same time.
  const quietChecks = columns.map(async ({ setup, cells }) => {
    const heard = attempt('quiet stream', quiet(setup, quietServer))
    const unheard = attempt('without heartbeats', silence(setup))
    Object.assign(cells, await heard, await unheard)
  })
  for (const { setup, cells } of columns) {
    for (const check of [firstEvent, abort, resume, post, clientAddress, capacity])
      Object.assign(cells, await attempt(check.name, check(setup, api)))
  }
  await soakHeaders()
  const drained = await drain(
    columns.map(({ setup }) => setup),
    api,
    DRAIN_MS,
  )
  columns.forEach(({ cells }, i) => Object.assign(cells, drained[i]))
  await Promise.all(quietChecks)
  await quietServer.close()

  report.table(columns.map(({ setup: { title }, cells }) => [title, cells]))
  for (const { setup, mustHold, cells } of columns) if (mustHold) check(setup.title, cells)

  async function column(program: ProxyProgram, executable: string, site: string): Promise<Column> {
    const isStock = site === program.stock
    const [port, quietPort] = await Promise.all([
      startProxy(program, executable, site, api.port),
      startProxy(program, executable, site, quietServer.port),
    ])
    return {
      setup: {
        title: isStock ? `${program.name}, stock` : program.name,
        url: `http://127.0.0.1:${port}`,
        quietUrl: `http://127.0.0.1:${quietPort}`,
        topic: `${program.name}-${isStock ? 'stock' : 'documented'}`,
        clientHost: FIRST_CLIENT_HOST + columns.length,
      },
      mustHold: !isStock,
      cells: {},
    }
  }

  /** Whether a proxy that compresses forwards events immediately, with the headers of a stream and without. */
  async function soakHeaders(): Promise<void> {
    const compressing: [string, Cells][] = []
    for (const { program, executable } of installed) {
      const port = await startProxy(program, executable, program.compressing, quietServer.port)
      const topic = `${program.name}-compressing`
      const url = `http://127.0.0.1:${port}/${topic}`
      const cells = await compressed(url, topic, quietServer)
      check(`${program.name} that compresses`, cells)
      compressing.push(
        [`${program.name} that compresses`, cells],
        ['without headers', await compressed(`${url}?headers=bare`, topic, quietServer)],
      )
    }
    report.table(compressing)
  }

  /** If a check throws, its cell contains the reason, and the other checks continue. */
  function attempt(row: string, cells: Promise<Cells>): Promise<Cells> {
    return cells.catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error)
      return { [row]: { text, holds: false } }
    })
  }

  function check(title: string, cells: Cells): void {
    for (const [row, { text, holds }] of Object.entries(cells))
      if (holds !== undefined) report.check(`${title}: ${row}`, holds, text)
  }
}
