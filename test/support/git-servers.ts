/**
 * Real repositories and real servers for tests: a `git daemon` and a `git http-backend` behind
 * node:http, both on loopback only. Whoever starts something closes it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createSocketServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyOf } from './models.ts'

export type Environment = Record<string, string>

export interface Sandbox {
  /** Absolute, real path of a fresh folder. */
  readonly root: string
  /** Environment without anything of this machine's git configuration. */
  readonly environment: Environment
  /** Run git in a folder below the root and give its output, trimmed; throws when git fails. */
  git(folder: string, ...args: string[]): string
  /** A new bare repository that accepts pushes over every transport; its path. */
  bare(name: string, ...settings: string[]): string
  /** A new repository with one commit and, where given, the remote `origin`; its path. */
  repository(name: string, origin?: string, ...options: string[]): Promise<string>
  path(...parts: string[]): string
  remove(): Promise<void>
}

export function sandbox(): Sandbox {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'if-board-test-')))
  const environment: Environment = {
    PATH: process.env.PATH ?? '',
    HOME: root,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Test',
    GIT_AUTHOR_EMAIL: 'test@example.invalid',
    GIT_COMMITTER_NAME: 'Test',
    GIT_COMMITTER_EMAIL: 'test@example.invalid',
    // A test that waits for a person would wait for ever.
    GIT_TERMINAL_PROMPT: '0',
    ...keptCode(),
  }
  const path = (...parts: string[]) => join(root, ...parts)
  const gitIn = (cwd: string, ...args: string[]) =>
    execFileSync('git', args, { cwd, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  const git = (folder: string, ...args: string[]) => gitIn(path(folder), ...args)
  return {
    root,
    environment,
    git,
    path,
    bare(name, ...settings) {
      copyOf(['bare', ...settings], path(name), (model) => {
        gitIn(model, 'init', '--quiet', '--bare')
        for (const setting of ['http.receivepack=true', ...settings]) {
          const [key = '', value = ''] = setting.split(/=(.*)/s)
          gitIn(model, 'config', '--add', key, value)
        }
      })
      return path(name)
    },
    async repository(name, origin, ...options) {
      copyOf(['repository', ...options], path(name), (model) => {
        gitIn(model, 'init', '--quiet', '--initial-branch=main', ...options)
        gitIn(model, 'commit', '--quiet', '--allow-empty', '--message=first')
      })
      if (origin !== undefined) git(name, 'remote', 'add', 'origin', origin)
      return path(name)
    },
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  }
}

/** Where `if-board` finds itself compiled: one place for all tests of a run, instead of one for each home. */
export function keptCode(): Environment {
  const folder = process.env.IF_BOARD_TEST_CACHE
  return folder === undefined ? {} : { XDG_CACHE_HOME: folder }
}

export interface GitServer {
  /** URL of a repository by its path below the served root. */
  url(repository: string): string
  close(): Promise<void>
}

/** `git daemon` over everything below `root`, with pushes allowed. */
export async function startGitDaemon(root: string, environment: Environment): Promise<GitServer> {
  const port = await freePort()
  const program = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-daemon')
  const args = ['--verbose', '--reuseaddr', '--listen=127.0.0.1', `--port=${port}`, `--base-path=${root}`]
  const daemon = spawn(program, [...args, '--export-all', '--enable=receive-pack', root], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await readyWhenSaid(daemon, 'Ready to rumble')
  return {
    url: (repository) => `git://127.0.0.1:${port}/${repository}`,
    close: () => stop(daemon),
  }
}

/**
 * `git http-backend` (a CGI program) behind node:http, over everything below `root`; with
 * `authorization`, only for requests that carry this header.
 */
export async function startHttpBackend(
  root: string,
  environment: Environment,
  authorization?: string,
): Promise<GitServer> {
  const running = new Set<ChildProcess>()
  const server = createServer((request, response) => {
    if (authorization !== undefined && request.headers.authorization !== authorization)
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end()
    const backend = runBackend(root, environment, request, response)
    running.add(backend)
    backend.once('close', () => running.delete(backend))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: (repository) => `http://127.0.0.1:${port}/${repository}`,
    async close() {
      await Promise.all([...running].map(stop))
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** One request through the CGI interface (RFC 3875); `Status:` is the only header with a meaning of its own. */
function runBackend(
  root: string,
  environment: Environment,
  request: IncomingMessage,
  response: ServerResponse,
): ChildProcess {
  const { pathname, search } = new URL(request.url ?? '/', 'http://loopback')
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...environment,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: request.headers['content-length'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  backend.stdin.on('error', () => undefined)
  request.pipe(backend.stdin)
  let head = Buffer.alloc(0)
  backend.stdout.on('data', (chunk: Buffer) => {
    if (response.headersSent) return void response.write(chunk)
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    const headers = head
      .subarray(0, end)
      .toString('latin1')
      .split('\r\n')
      .map((line) => line.split(/: (.*)/s))
    const status = headers.find(([name]) => name === 'Status')?.[1]
    const rest = headers.filter(([name]) => name !== 'Status').flatMap(([name = '', value = '']) => [name, value])
    response.writeHead(Number(status?.slice(0, 3) ?? 200), rest)
    response.write(head.subarray(end + 4))
  })
  backend.on('close', () => {
    if (!response.headersSent) response.writeHead(500)
    response.end()
  })
  return backend
}

/** A port of loopback where nobody listens (now). */
export async function freePort(): Promise<number> {
  const probe = createSocketServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

function readyWhenSaid(child: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8')
      if (said.includes(words)) resolve()
    })
    child.once('error', reject)
    child.once('close', () => reject(new Error(`the server ended: ${said}`)))
  })
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('close', () => resolve())
    child.kill('SIGTERM')
  })
}
