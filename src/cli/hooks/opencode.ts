/**
 * OpenCode. Source: opencode.ai/docs/plugins: it has no command hooks, so `init --agents` writes a plugin that calls
 * this command. Both sides of the format are ours: `{"sessionID": …}` in, `{"prompt": …}` out. The plugin gives the
 * commands of the session OPENCODE_SESSION_ID (its `shell.env` hook).
 */
import { type HookTool, idOf } from './tool.ts'

export const openCode: HookTool = {
  name: 'opencode',
  label: 'OpenCode',
  commandsKnow: true,
  hooksRun: 'in-turn',
  waits: 'in-stop',
  waitSeconds: 570,
  read(input) {
    const sessionId = idOf(input.sessionID)
    return sessionId === undefined ? undefined : { sessionId, occasion: 'begins', mayGoOn: true }
  },
  context: (text) => ({ context: text }),
  goOn: (text) => ({ prompt: text }),
}
