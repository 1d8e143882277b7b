/**
 * Claude Code. Source: its hooks reference, code.claude.com/docs/en/hooks (2.1.292).
 *
 * Input: `session_id`, `transcript_path`, `hook_event_name`, `permission_mode`, of SessionStart `source`, of Stop `background_tasks`
 * (what still runs) and, inside a subagent, `agent_id`. Output: `decision: "block"` with `reason` for Stop,
 * `hookSpecificOutput.additionalContext` (10,000 characters) for SessionStart. An entry with `asyncRewake` runs in the
 * background, and its standard error wakes the session when it ends with status 2.
 */
import { type HookTool, idOf, isFilled, pathOf } from './tool.ts'

export const claudeCode: HookTool = {
  name: 'claude-code',
  label: 'Claude Code',
  transcript: 'claude-code',
  commandsKnow: true,
  folderVariable: 'CLAUDE_PROJECT_DIR',
  waits: 'beside',
  waitSeconds: 3_540,
  read(input) {
    const sessionId = idOf(input.session_id)
    if (sessionId === undefined) return undefined
    const isSubagent = idOf(input.agent_id) !== undefined
    return {
      sessionId,
      occasion: input.source === 'compact' ? 'goes-on' : 'begins',
      mayGoOn: !isSubagent && input.permission_mode !== 'plan' && !isFilled(input.background_tasks),
      transcriptPath: pathOf(input.transcript_path),
    }
  },
  context: (text) => ({ hookSpecificOutput: { hookEventName: 'SessionStart', additionalContext: text } }),
  goOn: (text) => ({ decision: 'block', reason: text }),
}
