/** What `doctor` says of hooks: which are there, whether they are as this version writes them, and whether they fire. */
import type { EpochMs } from '../../model/index.ts'
import type { Check } from '../check.ts'
import { type AgentFiles, hooksThere, planInstall } from './plan.ts'
import { AGENT_TOOLS, type AgentTool } from './tools.ts'

export interface HookHealth extends AgentFiles {
  /** When a hook of this tool last fired in this clone. */
  readonly firedAt: (tool: string) => Promise<EpochMs | undefined>
  /** Milliseconds that a program takes to start and end. */
  readonly startUpMs: (program: string) => Promise<number | undefined>
  readonly now: EpochMs
}

/** The program that the entries call. */
const PROGRAM = 'if-board'

/** No line where there is no hook. */
export async function checkHooks(health: HookHealth): Promise<Check[]> {
  if ((await health.files.root()) === undefined) return []
  const there: AgentTool[] = []
  for (const tool of AGENT_TOOLS) if (await hooksThere(health, tool)) there.push(tool)
  if (there.length === 0) return []
  const checks = [await checkProgram(health)]
  for (const tool of there) checks.push(await checkTool(health, tool))
  return checks
}

async function checkProgram({ files, startUpMs }: HookHealth): Promise<Check> {
  const path = await files.program(PROGRAM)
  const ms = path === undefined ? undefined : await startUpMs(path)
  if (path !== undefined && ms !== undefined)
    return {
      name: 'hooks',
      ok: true,
      message: `they call ${path}, which starts in ${Math.round(ms)} ms`,
      hint: undefined,
    }
  const message = path === undefined ? `there is no \`${PROGRAM}\` on PATH, so they do nothing` : `${path} does not run`
  return {
    name: 'hooks',
    ok: false,
    message,
    hint: 'npm install --global if-board, in the shell that starts the tool too',
  }
}

async function checkTool(health: HookHealth, tool: AgentTool): Promise<Check> {
  const name = `hooks of ${tool.name}`
  const { files, leftAlone } = await planInstall(health, [tool])
  const paths = new Set(tool.files.map(({ path }) => path))
  const wrong = leftAlone.find(({ path }) => paths.has(path))
  if (wrong !== undefined)
    return { name, ok: false, message: `${wrong.path}: ${wrong.message}`, hint: 'Mend that file' }
  if (files.some(({ path }) => paths.has(path)))
    return {
      name,
      ok: false,
      message: 'they are not as this version writes them',
      hint: `if-board init --agents ${tool.name}`,
    }
  const firedAt = await health.firedAt(tool.name)
  const message =
    firedAt === undefined
      ? `there, and none has fired in this clone yet: ${tool.trust ?? `start ${tool.label} here and trust them`}`
      : `live: the last one fired ${sinceThen(health.now - firedAt)} ago`
  return { name, ok: true, message, hint: undefined }
}

function sinceThen(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}
