/** The card of `next`, for a session that reads it through a hook. */
import type { SessionName } from '../../model/index.ts'
import type { TaskCard } from '../../workflows/outcomes.ts'
import { cardText } from '../print/card.ts'
import type { Opened } from '../wiring/open.ts'
import type { HookTool } from './tool.ts'

export interface CardFor {
  readonly session: SessionName
  readonly card: TaskCard
  /** Before this hook. */
  readonly held: boolean
}

export async function cardOf({ box }: Opened, tool: HookTool, { session, card, held }: CardFor): Promise<string> {
  const { branch } = await box.work.head()
  const now = box.clock.now().wallMs
  return cardText({ card, session, branch, held, peek: false, now, nameSession: !tool.commandsKnow })
}
