/**
 * GitHub Copilot CLI. Source: docs.github.com, "GitHub Copilot CLI hooks reference".
 *
 * Input: `sessionId`; of `agentStop` also `stopReason`, which is `end_turn`. Output of `agentStop`: `decision: "block"`,
 * whose `reason` becomes the next prompt. What `sessionStart` answers was ignored by version 1.0.8
 * (github/copilot-cli issue 2142).
 */
import { type HookTool, idOf } from './tool.ts'

export const copilotCli: HookTool = {
  name: 'copilot-cli',
  label: 'Copilot CLI',
  commandsKnow: false,
  hooksRun: 'in-turn',
  waits: 'in-stop',
  waitSeconds: 570,
  read(input) {
    const sessionId = idOf(input.sessionId)
    if (sessionId === undefined) return undefined
    return { sessionId, occasion: 'begins', mayGoOn: input.stopReason === undefined || input.stopReason === 'end_turn' }
  },
  context: (text) => ({ additionalContext: text }),
  goOn: (text) => ({ decision: 'block', reason: text }),
}
