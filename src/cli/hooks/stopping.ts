/** `stop`, and `wait` beside it: ask the rule, wait as long as the tool allows, say what the rule says. */
import { printable, type SessionName, splitTaskKey } from '../../model/index.ts'
import { isSameMoment, readRecord } from '../../workflows/hooks/memory.ts'
import { answerStop, answerWait, type StopAnswer, type StopRequest } from '../../workflows/hooks/stop.ts'
import { whoAmI } from '../../workflows/identity.ts'
import { next } from '../../workflows/next.ts'
import type { NextOutcome } from '../../workflows/outcomes.ts'
import { askUntil } from '../../workflows/wait.ts'
import { watching } from '../commands/next.ts'
import { sessionThatTakes } from '../session.ts'
import { type Shell, tell } from '../shell.ts'
import { oneAtATime, useMarkOf } from '../wiring/hooks.ts'
import type { Opened } from '../wiring/open.ts'
import { cardOf } from './card-of.ts'
import { countSpending, type Fired, withFired } from './fired.ts'
import { type HookTool, NOTHING } from './tool.ts'
import { leadOf } from './words.ts'

/** Another hook of the same session decides meanwhile; beyond that something is wrong, and the session may stop. */
const LOCK_PATIENCE_MS = 20_000
/** The stop beside which this one waits has been answered by then, or it failed. */
const STOP_PATIENCE_MS = 30_000
const LOOK_EVERY_MS = 50
/** A sign of life four times in a lease; more often than this it is no use to anybody. */
const SHORTEST_PACE_MS = 5_000

const STOP: StopAnswer = { kind: 'stop' }

/** What the tool is answered. */
export async function stop(fired: Fired): Promise<object> {
  if (!fired.call.mayGoOn) return NOTHING
  return withFired(fired, async (opened) => {
    const { session } = await sessionThatTakes(opened, fired.shell)
    // Before the rule, which may end one task and grant another.
    await countSpending(fired, opened, session)
    const request = await requestOf(fired, session)
    const decided = (await locked(opened, fired, () => answerStop(opened.box, request))) ?? STOP
    const waits = decided.kind === 'wait' && fired.tool.waits === 'in-stop'
    const answer = waits ? await waitFor(opened, fired, request) : decided
    const text = await textOf(opened, fired, { session, answer })
    return text === undefined ? NOTHING : fired.tool.goOn(text)
  })
}

/** In the background, beside a stop that found nothing: the text that wakes the session, once there is a task. */
export async function wait(fired: Fired): Promise<string | undefined> {
  if (!fired.call.mayGoOn || fired.tool.waits !== 'beside') return undefined
  return withFired(fired, async (opened) => {
    if (!(await stopWaits(opened, fired))) return undefined
    const who = await whoAmI(opened.box, opened.place, opened.asker)
    if (who === undefined) return undefined
    const request = await requestOf(fired, who.session)
    const answer = await waitFor(opened, fired, request)
    return textOf(opened, fired, { session: who.session, answer })
  })
}

async function requestOf({ shell, key, firing }: Fired, session: SessionName): Promise<StopRequest> {
  return { session, key, firing, lastUseAt: await (await useMarkOf(shell, key)).lastUseAt() }
}

function locked<T>(opened: Opened, { key }: Fired, work: () => Promise<T>): Promise<T | undefined> {
  return oneAtATime(opened, { key, patienceMs: LOCK_PATIENCE_MS }, work)
}

/** Was the stop that fired together with this answered by "wait"? It is told apart by its moment: both got one input. */
async function stopWaits({ box }: Opened, { key, firing, shell }: Fired): Promise<boolean> {
  const giveUpAt = performance.now() + STOP_PATIENCE_MS
  while (performance.now() < giveUpAt && !shell.stop.aborted) {
    const record = await readRecord(box.memory, key)
    if (isSameMoment(record.firing, firing)) return record.decision.kind === 'wait'
    await box.clock.sleep(LOOK_EVERY_MS)
  }
  return false
}

/** Until there is a task, time is over, or a later stop of this session took this one's place. */
async function waitFor(opened: Opened, fired: Fired, request: StopRequest): Promise<StopAnswer> {
  const { box } = opened
  const { shell, key } = fired
  const seconds = secondsToWait(fired.tool, shell)
  if (seconds === 0) return STOP
  let outcome: NextOutcome | undefined
  // Without the watcher's last sight: a stop that took this one's place is seen by asking.
  const { openWatch } = await watching(opened, shell, { session: request.session, seconds })
  const woken = openWatch === undefined ? {} : { openWatch }
  await askUntil({ ...box, ...woken, stop: shell.stop, seconds }, async () => {
    const { decision, firing } = await readRecord(box.memory, key)
    const isLast = decision.kind === 'wait' && isSameMoment(firing, request.firing)
    outcome = isLast ? await next(box, { session: request.session }) : undefined
    return outcome ?? OVERTAKEN
  })
  if (outcome === undefined || outcome.kind === 'none') return STOP
  const come = outcome
  return (await locked(opened, fired, () => answerWait(box, request, come))) ?? STOP
}

/** Ends the asking. */
const OVERTAKEN: NextOutcome = {
  kind: 'none',
  none: { reasons: [], wouldUnblock: [], retryAfterSeconds: 0, finished: true },
}

/** A person may shorten it, for a terminal that they sit at. */
function secondsToWait({ waitSeconds }: HookTool, { environment }: Shell): number {
  const wished = Number(environment.IF_BOARD_HOOK_WAIT || Number.NaN)
  return wished >= 0 ? Math.min(wished, waitSeconds) : waitSeconds
}

interface Told {
  readonly session: SessionName
  readonly answer: StopAnswer
}

async function textOf(opened: Opened, fired: Fired, { session, answer }: Told): Promise<string | undefined> {
  if (answer.kind === 'given-back')
    tell(fired.shell, `${session} gave ${printable(splitTaskKey(answer.task).id, 128)} back: no sign of work`)
  const lead = leadOf(answer)
  if (lead === undefined || !('card' in answer)) return undefined
  const { card } = answer
  const { box } = opened
  if (card.claim !== undefined) {
    const everyMs = Math.max((card.claim.leaseSeconds * 1000) / 4, SHORTEST_PACE_MS)
    await (await useMarkOf(fired.shell, fired.key)).setPace(everyMs, box.clock.now().wallMs)
  }
  const held = answer.kind === 'remind' || answer.held
  return `${lead}\n\n${await cardOf(opened, fired.tool, { session, card, held })}`
}
