/** A session of a coding tool begins, or goes on after its context was cut: what it should know. Claims nothing. */
import type { SessionName } from '../../model/index.ts'
import { heldBy } from '../../projection/index.ts'
import { next } from '../next.ts'
import type { TaskCard } from '../outcomes.ts'
import { readFor } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { forgetRecord } from './memory.ts'

export interface StartRequest {
  /** `undefined`: nobody joined here yet. */
  readonly session: SessionName | undefined
  readonly key: string
  /** `goes-on`: the same conversation, with its context shortened; what is counted of it stays. */
  readonly occasion: 'begins' | 'goes-on'
}

export type StartAnswer =
  | { readonly kind: 'holds'; readonly card: TaskCard }
  | { readonly kind: 'free'; readonly session: SessionName | undefined }

export async function answerStart(box: Toolbox, { session, key, occasion }: StartRequest): Promise<StartAnswer> {
  if (occasion === 'begins') await forgetRecord(box.memory, key)
  if (session === undefined) return { kind: 'free', session }
  const { snapshot } = await readFor(box, session)
  if (heldBy(snapshot, session).length === 0) return { kind: 'free', session }
  const outcome = await next(box, { session, peek: true })
  return outcome.kind === 'held' ? { kind: 'holds', card: outcome.card } : { kind: 'free', session }
}
