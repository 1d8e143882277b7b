/**
 * Cursor. Source: cursor.com/docs/hooks.
 *
 * Input: `conversation_id`; of `stop` also `status` (`completed`, `aborted`, `error`) and `loop_count`. Output of
 * `stop`: `followup_message`, sent as the user's next message; of `sessionStart`: `additional_context`.
 */
import { type HookTool, idOf } from './tool.ts'

export const cursor: HookTool = {
  name: 'cursor',
  label: 'Cursor',
  commandsKnow: false,
  hooksRun: 'in-turn',
  waits: 'in-stop',
  waitSeconds: 570,
  read(input) {
    const sessionId = idOf(input.conversation_id)
    if (sessionId === undefined) return undefined
    return { sessionId, occasion: 'begins', mayGoOn: input.status === undefined || input.status === 'completed' }
  },
  context: (text) => ({ additional_context: text }),
  goOn: (text) => ({ followup_message: text }),
}
