/** How to find nginx, haproxy and Apache, and how to run each in the foreground with its own configuration. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { aptGetInstall } from '../apt-get.mjs'

export interface ProxyProgram {
  readonly name: 'nginx' | 'haproxy' | 'Apache'
  /** The possible names of the executable. */
  readonly executables: readonly string[]
  readonly debianPackage: string
  /** The settings of a fresh installation, plus the address of the server. */
  readonly stock: string
  /** The settings in docs/proxies.md. */
  readonly documented: string
  /** Settings that also compress event streams. */
  readonly compressing: string
  /** A complete configuration file with one of these. */
  configuration(site: string, folder: string, port: number): string
  /** Arguments that run it in the foreground. */
  args(file: string, folder: string): readonly string[]
}

const PAGE = fileURLToPath(new URL('../../docs/proxies.md', import.meta.url))
/** Folders with executables of services that are not on the PATH of every user. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin', '/usr/local/bin']
const APACHE_MODULE_FOLDERS = [
  '/usr/lib/apache2/modules',
  '/usr/lib64/httpd/modules',
  '/usr/lib/httpd/modules',
  '/opt/homebrew/opt/httpd/lib/httpd/modules',
  '/usr/libexec/apache2',
]
const APACHE_MODULES =
  'mpm_event unixd authz_core headers filter deflate proxy proxy_http log_config'.split(' ')
/** The address of the server in docs/proxies.md and in the stock settings. */
const SERVER = '127.0.0.1:8000'

const stockHaproxy = `defaults
  mode http
  timeout connect 5000
  timeout client 50000
  timeout server 50000
frontend web
  bind :80
  default_backend downlink
backend downlink
  server downlink ${SERVER}
`
const stockNginx = `server {
  listen 80;
  location / { proxy_pass http://${SERVER}; }
}`
const stockApache = `<VirtualHost *:80>
  ProxyPass / http://${SERVER}/
</VirtualHost>`

export const proxyPrograms: readonly ProxyProgram[] = [
  {
    name: 'nginx',
    executables: ['nginx'],
    debianPackage: 'nginx',
    stock: stockNginx,
    documented: documented('nginx'),
    compressing: stockNginx.replace('{ proxy_pass', '{ gzip_types text/event-stream; proxy_pass'),
    configuration: (site, folder, port) => `
      daemon off; pid ${folder}/pid; error_log stderr; worker_processes 1;
      events { worker_connections 768; }
      http {
        sendfile on; tcp_nopush on; gzip on; access_log off;
        client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
        uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
        ${site.replace('listen 80;', `listen 127.0.0.1:${port};`)}
      }`,
    args: (file, folder) => ['-p', folder, '-e', 'stderr', '-c', file],
  },
  {
    name: 'haproxy',
    executables: ['haproxy'],
    debianPackage: 'haproxy',
    stock: stockHaproxy,
    documented: documented('haproxy'),
    compressing: documented('haproxy').replace(
      'bind :80',
      'bind :80\n  compression algo gzip\n  compression type text/event-stream',
    ),
    configuration: (site, _folder, port) => site.replace('bind :80', `bind 127.0.0.1:${port}`),
    args: (file) => ['-db', '-f', file],
  },
  {
    name: 'Apache',
    executables: ['apache2', 'httpd'],
    debianPackage: 'apache2',
    stock: stockApache,
    documented: documented('apache'),
    compressing: stockApache.replace(
      'ProxyPass',
      'AddOutputFilterByType DEFLATE text/event-stream\n  ProxyPass',
    ),
    configuration: (site, folder, port) => `
ServerRoot ${folder}
ServerName localhost
DefaultRuntimeDir ${folder}
PidFile ${folder}/pid
ErrorLog ${folder}/error.log
Listen 127.0.0.1:${port}
${loadApacheModules()}
# Used only if Apache runs as root. The number is the user nobody.
User "#65534"
Group "#65534"
# Debian's values.
Timeout 300
MaxRequestWorkers 150
${site.replace('*:80', `127.0.0.1:${port}`)}
`,
    args: (file) => ['-DFOREGROUND', '-f', file],
  },
]

/** The path of the executable. Installs the program if possible. */
export function findProgram({ executables, debianPackage }: ProxyProgram): string | undefined {
  const find = (): string | undefined => {
    const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS]
    return executables.flatMap((name) => folders.map((f) => join(f, name))).find(isExecutable)
  }
  return find() ?? (aptGetInstall(debianPackage) ? find() : undefined)
}

/** Replaces the port of the server in the settings of a site. */
export function forServer(site: string, serverPort: number): string {
  return site.replaceAll(SERVER, `127.0.0.1:${serverPort}`)
}

/** The code block of a language in docs/proxies.md. */
function documented(language: string): string {
  const block = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(
    readFileSync(PAGE, 'utf8'),
  )
  if (block?.[1] === undefined) throw new Error(`${PAGE} has no code block of ${language}.`)
  return block[1]
}

function loadApacheModules(): string {
  const folder = APACHE_MODULE_FOLDERS.find((path) => existsSync(path)) ?? 'modules'
  return APACHE_MODULES.map((name) => [name, join(folder, `mod_${name}.so`)] as const)
    .filter(([, file]) => existsSync(file)) // Some builds have a module compiled in.
    .map(([name, file]) => `LoadModule ${name}_module ${file}`)
    .join('\n')
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
