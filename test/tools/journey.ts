/** One run of a real coding tool, from its start until it ends by itself. */
import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { find, type ToolName } from './installed.ts'
import { LAUNCH, type LaunchRequest } from './launch.ts'
import { type Exchanged, type ModelServer, startModelServer } from './model-server.ts'
import type { Project } from './project.ts'

/** A run that was not over by then is stuck. */
const LIMIT_MS = 240_000
/** Of what a tool printed, enough to see why it failed. */
const KEPT = 20_000

export interface Journey {
  readonly tool: ToolName
  readonly exchanged: readonly Exchanged[]
  /** What was asked of the model server beside the conversation. */
  readonly others: readonly string[]
  /** Exit status; `killed` when the time limit ended it. */
  readonly status: number | 'killed'
  readonly ms: number
  /** The end of what it printed. */
  readonly printed: string
}

export interface JourneyRequest {
  readonly tool: ToolName
  readonly folder: string
  readonly hooks?: LaunchRequest['hooks']
  /** Before the first reply of the model. */
  readonly begin?: () => Promise<void>
  /** After each reply of the model. */
  readonly onReply?: (exchanged: readonly Exchanged[]) => void
}

export async function travel(project: Project, request: JourneyRequest): Promise<Journey> {
  const { tool, folder, hooks = 'vouched-for', begin, onReply } = request
  const found = find(tool)
  if ('skip' in found) throw new Error(found.skip)
  const startedAt = performance.now()
  const home = await project.home(tool)
  const server = await startModelServer({ now: () => performance.now() - startedAt, begin, onReply })
  try {
    const launch = LAUNCH[tool]({ folder, home, url: server.url, prompt: 'Begin.', hooks })
    for (const [path, text] of Object.entries(launch.files)) {
      await mkdir(dirname(join(home, path)), { recursive: true })
      await writeFile(join(home, path), text)
    }
    const env = { ...project.environment, HOME: home, ...loopbackOnly(server), ...launch.environment }
    const ended = await run([found.program, ...launch.args], folder, env)
    const { exchanged, others } = server
    return { tool, exchanged, others, ms: performance.now() - startedAt, ...ended }
  } finally {
    await server.close()
  }
}

/** Whatever goes elsewhere goes through a proxy, which is the model server: it refuses and counts it. */
function loopbackOnly({ url }: ModelServer): Record<string, string> {
  return { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: '127.0.0.1,localhost' }
}

function run(
  [program = '', ...args]: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Pick<Journey, 'status' | 'printed'>> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    let killed = false
    const keep = (text: string) => {
      printed = (printed + text).slice(-KEPT)
    }
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    const killGroup = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // All of it has ended.
      }
    }
    const timer = setTimeout(() => {
      killed = true
      killGroup()
    }, LIMIT_MS)
    child.on('error', reject)
    child.on('exit', (code) => {
      clearTimeout(timer)
      // What it left behind holds its pipes, and is of no use to anybody.
      killGroup()
      resolve({ status: killed ? 'killed' : (code ?? -1), printed })
    })
  })
}
