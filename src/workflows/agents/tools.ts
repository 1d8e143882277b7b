/**
 * What each coding tool is given in a project: hook entries in its settings, and files that are ours alone. Data.
 *
 * The command strings never change, because tools ask a person to trust them again when they do. Sources of the
 * formats stand at the head of `cli/hooks/<tool>.ts`.
 */
import { OPENCODE_PLUGIN, SKILL } from './texts.ts'

export type AgentName = 'claude-code' | 'codex' | 'gemini-cli' | 'cursor' | 'copilot-cli' | 'opencode'

/** Entries of one event, as the tool's settings hold them. */
export type HookEntries = Readonly<Record<string, readonly object[]>>

export interface SettingsFile {
  readonly kind: 'settings'
  readonly path: string
  readonly hooks: HookEntries
  /** Further top-level properties of a file that is made. */
  readonly base: object
}

/** A file that is ours alone, told from somebody else's by `FILE_MARK`. */
export interface WholeFile {
  readonly kind: 'whole'
  readonly path: string
  readonly text: string
}

export interface AgentTool {
  readonly name: AgentName
  readonly label: string
  /** Paths in a project that show its use. */
  readonly traces: readonly string[]
  readonly program: string
  /** What a person does once, so that the tool runs hooks of a project; else it asks when it is started. */
  readonly trust?: string
  readonly files: readonly (SettingsFile | WholeFile)[]
}

type Event = 'start' | 'stop' | 'wait' | 'beat' | 'end'

function command(event: Event, tool: AgentName): string {
  return `if-board hook ${event} --tool ${tool}`
}

/** Is this the command of an entry that we wrote, from PATH or with a path of its own? */
export function isOurCommand(text: unknown): boolean {
  return typeof text === 'string' && /^(?:node .*)?\bif-board(?:\.cjs)?["']? hook [a-z]+ --tool [a-z-]+$/.test(text)
}

/** Claude Code, Codex and Gemini CLI: groups of handlers, each with a matcher or for everything. */
function groups(handler: object): readonly object[] {
  return [{ hooks: [handler] }]
}

const claude = (event: Event, more: object) => ({ type: 'command', command: command(event, 'claude-code'), ...more })
const codex = (event: Event, more: object) => ({ type: 'command', command: command(event, 'codex'), ...more })
const gemini = (event: Event, more: object) => ({
  name: `if-board-${event}`,
  type: 'command',
  command: command(event, 'gemini-cli'),
  ...more,
})
const cursor = (event: Event, more: object) => ({ command: command(event, 'cursor'), ...more })
const copilot = (event: Event, more: object) => {
  const line = command(event, 'copilot-cli')
  return { type: 'command', bash: line, powershell: line, ...more }
}

export const AGENT_TOOLS: readonly AgentTool[] = [
  {
    name: 'claude-code',
    label: 'Claude Code',
    traces: ['.claude', 'CLAUDE.md'],
    program: 'claude',
    files: [
      {
        kind: 'settings',
        path: '.claude/settings.json',
        base: {},
        // Seconds.
        hooks: {
          SessionStart: groups(claude('start', { timeout: 30 })),
          Stop: [
            ...groups(claude('stop', { timeout: 60 })),
            ...groups(claude('wait', { asyncRewake: true, timeout: 3600 })),
          ],
          // Two events: one for what went well, one for what failed.
          PostToolUse: groups(claude('beat', { async: true, timeout: 30 })),
          PostToolUseFailure: groups(claude('beat', { async: true, timeout: 30 })),
          SessionEnd: groups(claude('end', { timeout: 5 })),
        },
      },
      { kind: 'whole', path: '.claude/skills/if-board/SKILL.md', text: SKILL },
    ],
  },
  {
    name: 'codex',
    label: 'Codex',
    traces: ['.codex'],
    program: 'codex',
    trust:
      'type /hooks in Codex here and trust them, because `codex exec` leaves out what is not trusted without a word',
    files: [
      {
        kind: 'settings',
        path: '.codex/hooks.json',
        base: {},
        // Seconds.
        hooks: {
          SessionStart: groups(codex('start', { timeout: 30 })),
          PostToolUse: groups(codex('beat', { timeout: 30 })),
          Stop: groups(codex('stop', { timeout: 600 })),
        },
      },
      { kind: 'whole', path: '.agents/skills/if-board/SKILL.md', text: SKILL },
    ],
  },
  {
    name: 'gemini-cli',
    label: 'Gemini CLI',
    traces: ['.gemini', 'GEMINI.md'],
    program: 'gemini',
    files: [
      {
        kind: 'settings',
        path: '.gemini/settings.json',
        base: {},
        // Milliseconds.
        hooks: {
          SessionStart: groups(gemini('start', { timeout: 30_000 })),
          AfterTool: groups(gemini('beat', { timeout: 30_000 })),
          AfterAgent: groups(gemini('stop', { timeout: 600_000 })),
          SessionEnd: groups(gemini('end', { timeout: 5_000 })),
        },
      },
    ],
  },
  {
    name: 'cursor',
    label: 'Cursor',
    traces: ['.cursor', '.cursorrules'],
    program: 'cursor-agent',
    files: [
      {
        kind: 'settings',
        path: '.cursor/hooks.json',
        base: { version: 1 },
        // Seconds. No limit of the tool's own on follow-ups: ours counts what was completed.
        hooks: {
          sessionStart: [cursor('start', { timeout: 30 })],
          afterShellExecution: [cursor('beat', { timeout: 30 })],
          afterFileEdit: [cursor('beat', { timeout: 30 })],
          stop: [cursor('stop', { timeout: 600, loop_limit: null })],
        },
      },
    ],
  },
  {
    name: 'copilot-cli',
    label: 'Copilot CLI',
    traces: ['.github/copilot-instructions.md', '.github/hooks'],
    program: 'copilot',
    files: [
      {
        kind: 'settings',
        path: '.github/hooks/if-board.json',
        base: { version: 1 },
        // Seconds.
        hooks: {
          sessionStart: [copilot('start', { timeoutSec: 30 })],
          // Two events, as in Claude Code.
          postToolUse: [copilot('beat', { timeoutSec: 30 })],
          postToolUseFailure: [copilot('beat', { timeoutSec: 30 })],
          agentStop: [copilot('stop', { timeoutSec: 600 })],
        },
      },
    ],
  },
  {
    name: 'opencode',
    label: 'OpenCode',
    traces: ['.opencode', 'opencode.json', 'opencode.jsonc'],
    program: 'opencode',
    files: [{ kind: 'whole', path: '.opencode/plugins/if-board.js', text: OPENCODE_PLUGIN }],
  },
]
