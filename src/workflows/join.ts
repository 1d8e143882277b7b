/** `join NAME`: this work tree, or this coding tool, becomes that session. */
import { IfBoardError, type SessionName, toSessionName, type Usd } from '../model/index.ts'
import type { MoveOutcome } from '../ports/index.ts'
import { sealedSession } from './chain-tip.ts'
import {
  type Asker,
  assertNoOtherTool,
  assertOurs,
  bind,
  boundName,
  isKnownHere,
  type Place,
  toOwnName,
  worktreeName,
} from './identity.ts'
import { busyError, refusedError } from './not-moved.ts'
import { say } from './publish.ts'
import { type Reading, read } from './read.ts'
import type { Toolbox } from './toolbox.ts'

export interface JoinRequest {
  readonly name: string
  readonly capabilities?: readonly string[] | undefined
  readonly model?: string | undefined
  readonly rateUsdPerHour?: Usd | undefined
  readonly budgetUsd?: Usd | undefined
}

export interface JoinOutcome {
  /** `unchanged`: it was that session already, and nothing new was said. */
  readonly kind: 'joined' | 'unchanged'
  readonly session: SessionName
  /** What is that session from now on. */
  readonly bound: 'tool' | 'worktree'
}

const MAX_TRIES = 8

/**
 * @throws IfBoardError `session/invalid-name`, `session/name-taken`, `session/shared`, and what `read` throws
 */
export async function join(box: Toolbox, place: Place, asker: Asker, request: JoinRequest): Promise<JoinOutcome> {
  const session = toOwnName(request.name)
  const { tool } = asker
  return place.exclusively(async () => {
    const before = tool === undefined ? await worktreeName(place) : await boundName(box, tool)
    if (tool !== undefined) await assertNoOtherTool(box, session, tool)
    const kind = await announce(box, session, request, before === session)
    await bind(box, place, session, tool)
    return { kind, session, bound: tool === undefined ? 'worktree' : 'tool' }
  })
}

/** Join as `<stem>-<n>`, the first number that nobody uses. Called with the clone's lock held. */
export async function joinMadeUp(box: Toolbox, { nameStem }: Asker): Promise<SessionName> {
  for (let tries = 0; tries < 3 * MAX_TRIES; tries += 1) {
    const reading = await read(box)
    const session = await firstFreeName(box, reading, nameStem)
    const { outcome } = await say(box, reading, { session, type: 'joined', data: {} })
    if (outcome.kind === 'moved') return session
    if (outcome.kind === 'refused') throw refusedError(outcome, 'sessions')
    // Another clone took the name, or the board moved: look again.
    await box.clock.sleep(box.chance.fraction() * Math.min(30 * 2 ** tries, 1000))
  }
  throw new IfBoardError('authority/busy', 'no free session name could be taken; many sessions join at once', {
    hint: 'if-board join NAME',
  })
}

async function firstFreeName(box: Toolbox, reading: Reading, stem: string): Promise<SessionName> {
  for (let number = 1; ; number += 1) {
    const session = toSessionName(`${stem}-${number}`)
    if (reading.snapshot.sessions.has(session) || (await isKnownHere(box, session))) continue
    if ((await sealedSession(box, reading, session)) === undefined) return session
  }
}

async function announce(
  box: Toolbox,
  session: SessionName,
  request: JoinRequest,
  already: boolean,
): Promise<JoinOutcome['kind']> {
  const data = joinedData(request)
  let last: MoveOutcome | undefined
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const reading = await read(box)
    await assertOurs(box, reading, session)
    if (already && Object.keys(data).length === 0 && reading.snapshot.sessions.has(session)) return 'unchanged'
    const { outcome } = await say(box, reading, { session, type: 'joined', data })
    if (outcome.kind === 'moved') return 'joined'
    if (outcome.kind === 'refused') throw refusedError(outcome, 'sessions')
    last = outcome
    await box.clock.sleep(box.chance.fraction() * Math.min(30 * 2 ** tries, 1000))
  }
  throw busyError(last, 'the session could not be announced', `Try again in a moment: if-board join ${session}`)
}

function joinedData({ capabilities, model, rateUsdPerHour, budgetUsd }: JoinRequest) {
  return {
    ...(capabilities === undefined || capabilities.length === 0 ? {} : { capabilities }),
    ...(model === undefined ? {} : { model }),
    ...(rateUsdPerHour === undefined ? {} : { rateUsdPerHour }),
    ...(budgetUsd === undefined ? {} : { budgetUsd }),
  }
}
