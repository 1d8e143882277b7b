/**
 * Codex. Source: openai/codex, codex-rs/hooks/schema/generated, `stop.command.*` and `session-start.command.*`, and
 * codex-rs/hooks/src/engine/output_parser.rs.
 *
 * Both outputs have `additionalProperties: false`: one key that is not in them voids the whole answer. A `reason`
 * without anything but white space is an error there. Input: `session_id`, `transcript_path`
 * (or `null`), `source`, `permission_mode`.
 */
import { type HookTool, idOf, pathOf } from './tool.ts'

export const codex: HookTool = {
  name: 'codex',
  label: 'Codex',
  transcript: 'codex',
  commandsKnow: true,
  waits: 'in-stop',
  waitSeconds: 570,
  read(input) {
    const sessionId = idOf(input.session_id)
    if (sessionId === undefined) return undefined
    return {
      sessionId,
      occasion: input.source === 'compact' ? 'goes-on' : 'begins',
      mayGoOn: input.permission_mode !== 'plan',
      transcriptPath: pathOf(input.transcript_path),
    }
  },
  context: (text) => ({ hookSpecificOutput: { hookEventName: 'SessionStart', additionalContext: text } }),
  goOn: (text) => ({ decision: 'block', reason: text }),
}
