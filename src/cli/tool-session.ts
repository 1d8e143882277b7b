/**
 * The session of the coding tool that runs this process, by the variable that the tool sets for its commands.
 *
 * Only ids of one conversation count. Ids of a terminal or an editor window (TERM_SESSION_ID, CURSOR_TRACE_ID,
 * WT_SESSION) do not: several conversations share one, and a person's own terminal has one too.
 */
import type { ToolSession } from '../workflows/identity.ts'

/** Variables by tool, the one that is set today first. */
const TOOLS: readonly { readonly label: string; readonly variables: readonly string[] }[] = [
  // Changelog of Claude Code 2.1.132: equals `session_id` of its hooks. The older name comes from SessionStart hooks.
  { label: 'Claude Code', variables: ['CLAUDE_CODE_SESSION_ID', 'CLAUDE_SESSION_ID'] },
  // openai/codex pull request 10096; the older name is what scripts around it set.
  { label: 'Codex', variables: ['CODEX_THREAD_ID', 'CODEX_SESSION_ID'] },
  // Gemini CLI, docs/hooks: set for hooks.
  { label: 'Gemini CLI', variables: ['GEMINI_SESSION_ID'] },
  // OpenCode's plugins set it for the commands that it runs (anomalyco/opencode issue 12158).
  { label: 'OpenCode', variables: ['OPENCODE_SESSION_ID'] },
]

/** A session of a tool by that tool's own word, as its hooks say it. */
export interface SaidSession {
  readonly label: string
  readonly sessionId: string
}

/**
 * `undefined` where no tool says who it is. A tool that was started by another one inherits that
 * one's variable, so all ids that are set together tell one session from another. What a hook was
 * told (`said`) counts as the variable of its tool.
 */
export function toolSession(
  environment: Readonly<Record<string, string | undefined>>,
  said?: SaidSession,
): ToolSession | undefined {
  const known = TOOLS.some(({ label }) => label === said?.label)
  const tools = said === undefined || known ? TOOLS : [...TOOLS, { label: said.label, variables: [] }]
  const found = tools.flatMap(({ label, variables }) => {
    const set = variables.map((name) => environment[name]).find((value) => value !== undefined && value !== '')
    const id = label === said?.label ? said.sessionId : set
    return id === undefined ? [] : [{ label, id: `${label}=${id}` }]
  })
  if (found.length === 0) return undefined
  return { label: found.map(({ label }) => label).join(' in '), id: found.map(({ id }) => id).join('\n') }
}
