/** A session asks the running proxy for a capability for the task that it holds. */
import { IfBoardError, printable, type SessionName, splitTaskKey } from '../../model/index.ts'
import type { GrantAnswer } from '../../proxy/index.ts'
import { type HeldTask, heldTasks, theOnlyHeld } from '../find-task.ts'
import { read } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { type GrantRequest, grantText, PURPOSE } from './grant-request.ts'

export interface AskedGrant extends Pick<GrantRequest, 'alias' | 'minutes' | 'methods' | 'path' | 'calls' | 'bytes'> {
  readonly session: SessionName
  /** Id or key; without it the only task held. */
  readonly task: string | undefined
}

/** @param post  hands the body to the proxy of this clone; rejects with `proxy/not-running` */
export async function askGrant(
  box: Toolbox,
  { session, task, ...bounds }: AskedGrant,
  post: (body: string) => Promise<GrantAnswer>,
): Promise<GrantAnswer & { readonly task: string }> {
  const { snapshot, config } = await read(box)
  if (config.proxy === undefined) throw proxyOff()
  const held = heldTasks(snapshot, session)
  const { claim } =
    task === undefined
      ? theOnlyHeld(snapshot, session, `proxy grant ${bounds.alias} --task`)
      : named(held, session, task)
  const request: GrantRequest = {
    ...bounds,
    ...{ purpose: PURPOSE, board: box.boardId, session, task: claim.key, claim: claim.oid },
    at: box.clock.now().wallMs,
    nonce: box.chance.hex(16),
  }
  const text = grantText(request)
  const answer = await post(JSON.stringify({ text, signature: await box.keys.sign(session, text) }))
  return { ...answer, task: splitTaskKey(claim.key).id }
}

export function proxyOff(): IfBoardError {
  return new IfBoardError('proxy/off', 'the settings of the boards name no service for the proxy', {
    hint: 'Add `proxy:` to .if-board/config.yml (if-board checkout): docs/proxy.md of if-board',
  })
}

function named(held: readonly HeldTask[], session: SessionName, task: string): HeldTask {
  const found = held.find(({ claim }) => claim.key === task || splitTaskKey(claim.key).id === task)
  if (found !== undefined) return found
  throw new IfBoardError('claim/none-held', `${session} does not hold \`${printable(task, 60)}\``, {
    hint: 'if-board next',
  })
}
