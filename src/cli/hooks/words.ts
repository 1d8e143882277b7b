/**
 * What a session is told by a hook. Pure.
 *
 * The first lines are ours; a card follows, in which everything of a board is quoted as data and without control
 * characters (`print/card.ts`).
 */
import type { SessionName } from '../../model/index.ts'
import type { StopAnswer } from '../../workflows/hooks/stop.ts'
import { LAST_STRIKE } from '../../workflows/hooks/stop-rule.ts'

/** `undefined`: nothing is said, the session stops. */
export function leadOf(answer: StopAnswer): string | undefined {
  switch (answer.kind) {
    case 'hand-over':
      return 'The task board has the next task for this session. It is claimed for you; begin with it.'
    case 'go-on':
      return 'You stopped, and you still hold a task. Go on with it, or end it with one of the commands below.'
    case 'remind':
      return [
        `You stopped, and nothing was done on the task that you hold (reminder ${answer.strike} of ${LAST_STRIKE - 1}).`,
        'Go on with it, or end it with one of the commands below; at the next stop like this it may be given back.',
      ].join('\n')
    default:
      return undefined
  }
}

/** For a session that begins and holds nothing. */
export function freeText(session: SessionName | undefined): string {
  const who = session === undefined ? '' : ` This session is \`${session}\` there.`
  return [
    `This project has a task board that many sessions share.${who} It holds no task of it now.`,
    '`if-board next` gives a task with everything needed to start; `if-board done` ends it.',
    'When a session stops without a task, the next one that is ready is handed to it.',
  ].join('\n')
}

/** For a session that begins with a task in its hands. */
export const HOLDS = 'This session holds a task of the project’s task board:'
