/** Which session a connection is: its own, bound to a name as the id of a coding tool is. */
import { IfBoardError, type SessionName } from '../model/index.ts'
import { type ToolSession, unbind, type Who, whoAmI, whoAmIOrAnother } from '../workflows/identity.ts'
import { joinMadeUp } from '../workflows/join.ts'
import type { OpenedBoards } from './boards.ts'

/**
 * Names by which clients introduce themselves (`clientInfo.name`) and the label of the tool in `cli/tool-session.ts`.
 * Claude Code hands its session id to the servers that it starts (anthropics/claude-code issue 63305, since 2.1.154).
 */
const CLIENTS: readonly (readonly [name: string, label: string])[] = [
  ['claude-code', 'Claude Code'],
  ['codex-mcp-client', 'Codex'],
  ['gemini-cli-mcp-client', 'Gemini CLI'],
  ['opencode', 'OpenCode'],
]

/**
 * The tool's own session, where the environment names it and the client is that tool, so that its hooks, its commands
 * and its connection are one; else the connection. A variable that was inherited through another tool does not count.
 */
export function connectionTool(
  client: string | undefined,
  environment: ToolSession | undefined,
  connection: string,
): ToolSession {
  const label = CLIENTS.find(([name]) => client?.startsWith(name) === true)?.[1]
  if (environment !== undefined && environment.label === label) return environment
  return { label: label ?? 'MCP', id: `MCP=${connection}` }
}

/** For `next` and `claim`: where another tool has the work tree's name, a new session joins under one that is made up. */
export function sessionThatTakes({ box, place, asker }: OpenedBoards, tool: ToolSession): Promise<Who> {
  return whoAmIOrAnother(box, place, { ...asker, tool }, () => joinMadeUp(box, asker))
}

/**
 * For what is held.
 *
 * @throws IfBoardError `claim/none-held` for a connection that has taken nothing
 */
export async function sessionThatHolds(opened: OpenedBoards, tool: ToolSession): Promise<SessionName> {
  const session = await sessionOrNone(opened, tool)
  if (session !== undefined) return session
  throw new IfBoardError('claim/none-held', 'this connection has taken no task', { hint: 'Call the tool `next`' })
}

/** For views: a name that another tool has is nobody's here. */
export async function sessionOrNone(
  { box, place, asker }: OpenedBoards,
  tool: ToolSession,
): Promise<SessionName | undefined> {
  try {
    return (await whoAmI(box, place, { ...asker, tool }))?.session
  } catch (error) {
    if (error instanceof IfBoardError && error.code === 'session/shared') return undefined
    throw error
  }
}

/** The connection has ended: the next one in this work tree may go on under its name. */
export async function endSession({ box, place }: OpenedBoards, tool: ToolSession): Promise<void> {
  await unbind(box, place, tool)
}
