/** A coding tool as its documentation describes it, as far as its hooks go: what it sends, and how it reads answers. */
import type { World } from '../world.ts'

export type ToolName = 'claude-code' | 'codex' | 'gemini-cli' | 'cursor' | 'copilot-cli' | 'opencode'

export const TOOL_NAMES: readonly ToolName[] = [
  'claude-code',
  'codex',
  'gemini-cli',
  'cursor',
  'copilot-cli',
  'opencode',
]

export interface Fired {
  readonly status: number
  readonly stderr: string
  /** Of a stop: the prompt that the tool goes on with; of a start: what the model is told. */
  readonly text: string | undefined
}

export interface FakeTool {
  readonly id: string
  fire(event: 'start' | 'stop' | 'wait' | 'beat' | 'end', more?: Record<string, unknown>): Promise<Fired>
  /** A command that the model runs, with the variables that this tool gives it. */
  command(...args: string[]): ReturnType<World['run']>
}

interface Said {
  readonly id: string
  readonly folder: string
  readonly starts: boolean
  /** No two firings are alike. */
  readonly number: number
}

/** What each tool writes to a hook: every field that its documentation or source requires. */
const INPUTS: Readonly<Record<ToolName, (said: Said) => Record<string, unknown>>> = {
  'claude-code': ({ id, folder, starts, number }) => ({
    session_id: id,
    transcript_path: '/tmp/transcript.jsonl',
    cwd: folder,
    permission_mode: 'default',
    ...(starts
      ? { hook_event_name: 'SessionStart', source: 'startup', model: 'm' }
      : { ...STOPS, last_assistant_message: `Turn ${number}`, background_tasks: [] }),
  }),
  codex: ({ id, folder, starts, number }) => ({
    session_id: id,
    transcript_path: null,
    cwd: folder,
    model: 'm',
    permission_mode: 'default',
    ...(starts
      ? { hook_event_name: 'SessionStart', source: 'startup' }
      : { ...STOPS, turn_id: `turn-${number}`, last_assistant_message: null }),
  }),
  'gemini-cli': ({ id, folder, starts, number }) => ({
    session_id: id,
    transcript_path: '/tmp/t.json',
    cwd: folder,
    timestamp: new Date(1_762_900_000_000 + number).toISOString(),
    ...(starts
      ? { hook_event_name: 'SessionStart', source: 'startup' }
      : { hook_event_name: 'AfterAgent', prompt: 'p', prompt_response: 'r', stop_hook_active: false }),
  }),
  cursor: ({ id, folder, starts, number }) => ({
    conversation_id: id,
    generation_id: `generation-${number}`,
    cursor_version: '3.7.21',
    workspace_roots: [folder],
    user_email: null,
    ...(starts ? { hook_event_name: 'sessionStart' } : { hook_event_name: 'stop', status: 'completed', loop_count: 0 }),
  }),
  'copilot-cli': ({ id, folder, starts, number }) => ({
    sessionId: id,
    timestamp: 1_762_900_000_000 + number,
    cwd: folder,
    ...(starts ? { source: 'new' } : { transcriptPath: '/tmp/t.jsonl', stopReason: 'end_turn' }),
  }),
  opencode: ({ id, number }) => ({ sessionID: id, turn: number }),
}

const STOPS = { hook_event_name: 'Stop', stop_hook_active: false }

let fired = 0

export function inputOf(tool: ToolName, id: string, event: string, folder: string): Record<string, unknown> {
  fired += 1
  return INPUTS[tool]({ id, folder, starts: event === 'start', number: fired })
}

/** How each tool reads what a hook printed; throws where the tool would say that the answer is not valid. */
function readAnswer(tool: ToolName, event: string, stdout: string): string | undefined {
  if (stdout.trim() === '') return undefined
  const answer = JSON.parse(stdout) as Record<string, Record<string, unknown> | string | undefined>
  const known = KEYS[tool][event === 'start' ? 'start' : 'stop']
  for (const key of Object.keys(answer)) if (!known.includes(key)) throw new Error(`${tool} does not know \`${key}\``)
  const text =
    event === 'start'
      ? (answer.additional_context ??
        answer.additionalContext ??
        answer.context ??
        contextOf(answer.hookSpecificOutput))
      : promptOf(tool, answer)
  return text as string | undefined
}

const CLAUDE = {
  start: ['continue', 'hookSpecificOutput', 'stopReason', 'suppressOutput', 'systemMessage'],
  stop: ['continue', 'decision', 'reason', 'stopReason', 'suppressOutput', 'systemMessage'],
}

/** Top-level keys that the tool's schema of an answer has. */
const KEYS: Readonly<Record<ToolName, { readonly start: readonly string[]; readonly stop: readonly string[] }>> = {
  'claude-code': CLAUDE,
  codex: CLAUDE,
  'gemini-cli': CLAUDE,
  cursor: { start: ['env', 'additional_context'], stop: ['followup_message'] },
  'copilot-cli': { start: ['additionalContext'], stop: ['decision', 'reason'] },
  opencode: { start: ['context'], stop: ['prompt'] },
}

function contextOf(output: unknown): unknown {
  const { hookEventName, additionalContext } = (output ?? {}) as Record<string, unknown>
  return hookEventName === 'SessionStart' ? additionalContext : undefined
}

function promptOf(tool: ToolName, { decision, reason, followup_message, prompt }: Record<string, unknown>): unknown {
  if (tool === 'cursor') return followup_message
  if (tool === 'opencode') return prompt
  if (decision === undefined) return undefined
  // Gemini CLI takes both words, the others one.
  if (decision !== 'block' && !(tool === 'gemini-cli' && decision === 'deny')) throw new Error(`decision ${decision}`)
  if (typeof reason !== 'string' || reason.trim() === '') throw new Error('a decision without a reason')
  return reason
}

/** Variables by which the tool's own commands know their session. */
const VARIABLES: Partial<Readonly<Record<ToolName, string>>> = {
  'claude-code': 'CLAUDE_CODE_SESSION_ID',
  codex: 'CODEX_THREAD_ID',
  opencode: 'OPENCODE_SESSION_ID',
}

export function fakeTool(world: World, tool: ToolName, folder: string, id: string): FakeTool {
  const variable = VARIABLES[tool]
  const own: Record<string, string> = variable === undefined ? {} : { [variable]: id }
  const inHooks = tool === 'gemini-cli' ? { GEMINI_SESSION_ID: id, GEMINI_PROJECT_DIR: folder } : own
  return {
    id,
    async fire(event, more = {}) {
      const input = { ...inputOf(tool, id, event, folder), ...more }
      const answer = await world.feed(folder, ['hook', event, '--tool', tool], JSON.stringify(input), {
        ...inHooks,
        IF_BOARD_HOOK_WAIT: '0',
        ...environmentOf(more),
      })
      return { status: answer.status, stderr: answer.stderr, text: readAnswer(tool, event, answer.stdout) }
    },
    command: (...args) => world.run(folder, args, own),
  }
}

/** A test may let it wait. */
function environmentOf({ waitSeconds }: Record<string, unknown>): Record<string, string> {
  return waitSeconds === undefined ? {} : { IF_BOARD_HOOK_WAIT: String(waitSeconds) }
}
