/** A folder with boards, and the real `if-board mcp` as a client starts it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { putBoards } from '../cli/world.ts'
import { bin } from '../support/cli.ts'
import { keptCode } from '../support/git-servers.ts'

const run = promisify(execFile)

/** Previous revisions begin with a handshake, the current one names its revision with each request. */
export const ERAS = ['legacy', { pin: '2026-07-28' }] as const

export interface Project {
  readonly folder: string
  readonly environment: Record<string, string>
  /** A client that has connected; `close` it, or let the project do so. */
  connect(options?: {
    readonly era?: (typeof ERAS)[number]
    readonly name?: string
    readonly env?: object
  }): Promise<Client>
  /** The server without a client: what is written to it and what it writes. */
  bare(): Bare
  /** The command line in the same folder; its JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: every command has a shape of its own
  json(...args: readonly string[]): Promise<any>
  git(...args: readonly string[]): Promise<string>
  remove(): Promise<void>
}

export interface Bare {
  readonly child: ChildProcess
  send(text: string): void
  /** The next whole line on standard output, as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: messages of a protocol
  receive(): Promise<any>
  readonly ended: Promise<number | null>
  stderr(): string
}

export async function makeProject(boards: Readonly<Record<string, string>>): Promise<Project> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'if-board-mcp-')))
  const { PATH = '' } = process.env
  const who = { GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'ann@example.invalid' }
  const committer = { GIT_COMMITTER_NAME: 'Ann', GIT_COMMITTER_EMAIL: 'ann@example.invalid' }
  const environment = { PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', ...who, ...committer, ...keptCode() }
  const git = async (...args: readonly string[]) =>
    (await run('git', args, { cwd: folder, env: environment })).stdout.trim()
  await git('init', '--quiet', '--initial-branch=main')
  await git('commit', '--quiet', '--allow-empty', '--message=first')
  await putBoards(folder, boards)
  const clients: Client[] = []
  const children: ChildProcess[] = []
  return {
    folder,
    environment,
    git,
    async connect({ era = 'legacy', name = 'test-client', env = {} } = {}) {
      const client = new Client({ name, version: '1' }, { versionNegotiation: { mode: era } })
      clients.push(client)
      await client.connect(
        new StdioClientTransport({
          command: process.execPath,
          args: [bin, 'mcp'],
          cwd: folder,
          env: { ...environment, ...env },
          stderr: 'pipe',
        }),
      )
      return client
    },
    bare() {
      const child = spawn(process.execPath, [bin, 'mcp'], { cwd: folder, env: environment, detached: true })
      children.push(child)
      return bareServer(child)
    },
    async json(...args) {
      const command = [bin, ...args, '--json']
      const answered = await run(process.execPath, command, { cwd: folder, env: environment }).catch((error) => error)
      return JSON.parse(answered.stdout)
    },
    async remove() {
      await Promise.all(clients.map((client) => client.close().catch(() => undefined)))
      for (const { pid, exitCode } of children) if (pid !== undefined && exitCode === null) killGroup(pid)
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

function bareServer(child: ChildProcess): Bare {
  let errors = ''
  let rest = ''
  const lines: string[] = []
  const waiting: ((line: string) => void)[] = []
  child.stdin?.on('error', () => undefined)
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text))
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) {
      const next = waiting.shift()
      if (next === undefined) lines.push(line)
      else next(line)
    }
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const nextLine = () => {
    const gone = ended.then((status) => Promise.reject(new Error(`the server ended with status ${status}: ${errors}`)))
    return Promise.race([new Promise<string>((resolve) => waiting.push(resolve)), gone])
  }
  return {
    child,
    send: (text) => void child.stdin?.write(text),
    receive: async () => JSON.parse(lines.shift() ?? (await nextLine())),
    ended,
    stderr: () => errors,
  }
}

let lastId = 0

/** One request of the 2025 revisions, as a line. */
export function request(method: string, params: object = {}): string {
  lastId += 1
  return `${JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params })}\n`
}

export function handshake(protocolVersion: string): string {
  const clientInfo = { name: 'bare', version: '1' }
  const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' }
  return `${request('initialize', { protocolVersion, capabilities: {}, clientInfo })}${JSON.stringify(initialized)}\n`
}

/** What a tool answered: the structured content, after the client held it to the schema that the server shows. */
// biome-ignore lint/suspicious/noExplicitAny: every tool has a shape of its own
export async function call(client: Client, name: string, args: Record<string, unknown> = {}): Promise<any> {
  const { structuredContent, isError } = await client.callTool({ name, arguments: args })
  return { ...(structuredContent as object), ...(isError === true ? { isError } : {}) }
}
