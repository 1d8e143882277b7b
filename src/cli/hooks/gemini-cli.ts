/**
 * Gemini CLI. Source: google-gemini/gemini-cli, docs/hooks/reference.md and packages/core/src/hooks/hookRunner.ts.
 *
 * AfterAgent: `decision: "deny"` sends `reason` as the next prompt. Standard error is read as the answer where
 * standard output is empty, so something is always printed there. Its commands are not given the session's id, only
 * its hooks are. A turn ends by itself after 100 of them.
 */
import { type HookTool, idOf, pathOf } from './tool.ts'

export const geminiCli: HookTool = {
  name: 'gemini-cli',
  label: 'Gemini CLI',
  transcript: 'gemini',
  commandsKnow: false,
  folderVariable: 'GEMINI_PROJECT_DIR',
  waits: 'in-stop',
  waitSeconds: 570,
  read(input) {
    const sessionId = idOf(input.session_id)
    if (sessionId === undefined) return undefined
    return { sessionId, occasion: 'begins', mayGoOn: true, transcriptPath: pathOf(input.transcript_path) }
  },
  context: (text) => ({ hookSpecificOutput: { hookEventName: 'SessionStart', additionalContext: text } }),
  goOn: (text) => ({ decision: 'deny', reason: text }),
}
