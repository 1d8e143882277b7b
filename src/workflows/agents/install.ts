/** `init --agents` and the part of `uninstall` that undoes it: settings and instructions of coding tools. */
import { IfBoardError, printable } from '../../model/index.ts'
import { lineDiff } from './line-diff.ts'
import { type AgentFiles, type LeftAlone, type Plan, planInstall, planRemoval } from './plan.ts'
import { AGENT_TOOLS, type AgentTool } from './tools.ts'

/** `auto`: the tools that show in the project or on PATH. */
export type AgentsWish = 'auto' | 'none' | readonly string[]

export interface AgentsRequest {
  readonly wish: AgentsWish
  readonly mode: 'apply' | 'dry-run'
}

export interface AgentsReport {
  readonly mode: 'apply' | 'dry-run'
  /** Names of the tools that were chosen. */
  readonly tools: readonly string[]
  readonly files: readonly {
    readonly path: string
    readonly kind: 'made' | 'changed' | 'removed'
    /** Lines as diff(1) marks them. */
    readonly diff: readonly string[]
  }[]
  readonly leftAlone: readonly LeftAlone[]
}

/** @throws IfBoardError `usage/invalid` for a tool that is not known */
export function toAgentsWish(text: string): AgentsWish {
  if (text === 'auto' || text === 'none') return text
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !AGENT_TOOLS.some((tool) => tool.name === name))
  if (unknown === undefined) return names
  throw new IfBoardError('usage/invalid', `init: no coding tool is called \`${printable(unknown, 60)}\``, {
    hint: `Known are ${AGENT_TOOLS.map(({ name }) => name).join(', ')}; auto finds those in use`,
  })
}

export async function installAgents(tools: AgentFiles, { wish, mode }: AgentsRequest): Promise<AgentsReport> {
  if (wish === 'none' || (await tools.files.root()) === undefined) return { mode, tools: [], files: [], leftAlone: [] }
  const chosen = await choose(tools, wish)
  const plan = await planInstall(tools, chosen)
  return carryOut(tools, plan, { mode, tools: chosen.map(({ name }) => name) })
}

export async function removeAgents(tools: AgentFiles, mode: AgentsRequest['mode'] = 'apply'): Promise<AgentsReport> {
  if ((await tools.files.root()) === undefined) return { mode, tools: [], files: [], leftAlone: [] }
  const { files, leftAlone } = await planRemoval(tools)
  // Whatever else cannot be read there is nothing of ours to speak of.
  return carryOut(tools, { files, leftAlone }, { mode, tools: [] })
}

async function choose({ files }: AgentFiles, wish: 'auto' | readonly string[]): Promise<readonly AgentTool[]> {
  if (wish !== 'auto') return AGENT_TOOLS.filter(({ name }) => wish.includes(name))
  const inUse = await Promise.all(AGENT_TOOLS.map((tool) => isInUse(files, tool)))
  return AGENT_TOOLS.filter((_, at) => inUse[at])
}

async function isInUse(files: AgentFiles['files'], { traces, program }: AgentTool): Promise<boolean> {
  for (const trace of traces) {
    const at = trace.lastIndexOf('/')
    const names = await files.names(at < 0 ? '' : trace.slice(0, at))
    const there = await files.read(trace)
    if (there.kind !== 'absent' || names.includes(trace.slice(at + 1))) return true
  }
  return (await files.program(program)) !== undefined
}

async function carryOut(
  { files }: AgentFiles,
  plan: Plan,
  { mode, tools }: Pick<AgentsReport, 'mode' | 'tools'>,
): Promise<AgentsReport> {
  if (mode === 'apply')
    for (const { path, after } of plan.files)
      await (after === undefined ? files.remove(path) : files.write(path, after))
  return {
    mode,
    tools,
    files: plan.files.map(({ path, before, after }) => ({
      path,
      kind: before === undefined ? 'made' : after === undefined ? 'removed' : 'changed',
      diff: lineDiff(before ?? '', after ?? ''),
    })),
    leftAlone: plan.leftAlone,
  }
}
