/** nginx with nchan, if it is installed: one worker; events are posted to it over HTTP. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../tools/free-port.mjs'
import { stampedData } from '../../../tools/load/load.ts'
import type { Contender } from './contender.ts'

const MODULE = '/usr/lib/nginx/modules/ngx_nchan_module.so'
/** The unit of CPU time in `/proc/<pid>/stat`. */
const MS_PER_CLOCK_TICK = 10
const PAGE_BYTES = 4096

export function hasNchan(): boolean {
  return existsSync(MODULE) && spawnSync('nginx', ['-v']).status === 0
}

export async function startNchan(): Promise<Contender> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'downlink-nchan-'))
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, configuration(folder, port))
  const nginx = spawn('nginx', ['-p', folder, '-c', file], { stdio: 'ignore' })
  const socket = await connected(port)
  const worker = workerOf(nginx.pid ?? 0)
  let published = 0
  return {
    port,
    path: '/sub',
    webSocket: false,
    publish({ ticks, perTick, tickMs, bytes }) {
      const last = published + ticks * perTick
      return new Promise((resolve) => {
        let dueMs = performance.now()
        tick()

        function tick(): void {
          let requests = ''
          for (let i = 0; i < perTick; i++) requests += post(stampedData(published++, bytes))
          socket.write(requests)
          if (published >= last) {
            resolve()
            return
          }
          dueMs += tickMs
          setTimeout(tick, Math.max(0, dueMs - performance.now()))
        }
      })
    },
    measure() {
      const fields = readFileSync(`/proc/${worker}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      // After the process name, utime and stime are fields 12 and 13, and rss in pages is field 22.
      const [user, system, pages] = [fields[11], fields[12], fields[21]].map(Number)
      return Promise.resolve({
        cpuMs: ((user ?? 0) + (system ?? 0)) * MS_PER_CLOCK_TICK,
        rssBytes: (pages ?? 0) * PAGE_BYTES,
        heapBytes: 0,
        descriptors: 0,
        timers: 0,
        facts: {},
      })
    },
    stop() {
      socket.destroy()
      nginx.kill('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function configuration(folder: string, port: number): string {
  return `
load_module ${MODULE};
daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
worker_rlimit_nofile 20000;
events { worker_connections 19000; }
http {
  access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  keepalive_requests 100000000; nchan_max_reserved_memory 256M;
  server {
    listen 127.0.0.1:${port} backlog=20000;
    location = /sub { nchan_subscriber eventsource; nchan_channel_id bench; nchan_subscriber_first_message newest; nchan_eventsource_ping_interval 0; }
    location = /pub { nchan_publisher; nchan_channel_id bench; nchan_message_buffer_length 100; }
    location = /up { return 204; }
  }
}`
}

function post(data: string): string {
  return `POST /pub HTTP/1.1\r\nHost: bench\r\nContent-Type: text/plain\r\nContent-Length: ${data.length}\r\n\r\n${data}`
}

async function connected(port: number): Promise<Socket> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await new Promise((resolve, reject) => {
        const socket = connect({ port, host: '127.0.0.1', noDelay: true })
        socket.once('connect', () => resolve(socket.resume()))
        socket.once('error', reject)
      })
    } catch (error) {
      if (attempt === 50) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

function workerOf(master: number): number {
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    try {
      const parent = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]
      if (Number(parent) === master) return Number(pid)
    } catch {
      // The process has ended in the meantime.
    }
  }
  throw new Error('nginx has no worker process. See its error log.')
}
