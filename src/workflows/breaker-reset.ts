/** `breaker reset`: the one event about breakers that is counted. */
import { markOf, tripOf } from '../governor/index.ts'
import {
  type BreakerChange,
  type EventData,
  IfBoardError,
  isSessionName,
  printable,
  type SessionName,
  splitTaskKey,
  type TaskKey,
} from '../model/index.ts'
import type { MoveOutcome } from '../ports/index.ts'
import { endedEpoch } from '../projection/index.ts'
import { judgeKey } from '../witness/keys.ts'
import { type BreakerItem, breakersOf } from './breaker-list.ts'
import { findTask } from './find-task.ts'
import { busyError, refusedError } from './not-moved.ts'
import { say } from './publish.ts'
import { type Reading, read } from './read.ts'
import { openRegistry, type RegistryTools } from './registry.ts'
import { taskOf } from './task-of.ts'
import type { Toolbox } from './toolbox.ts'

export interface ResetRequest {
  /** Who says it. */
  readonly by: SessionName
  /** A session or a task; none: all that are open. */
  readonly target: string | undefined
  readonly reason: string
  /** Whose keys count here. */
  readonly registry: RegistryTools
}

export interface ResetOutcome {
  readonly kind: 'reset' | 'unchanged'
  /** Names of sessions and ids of tasks. */
  readonly closed: readonly string[]
  /** What stays open, and what ends that. */
  readonly open: readonly Pick<BreakerItem, 'name' | 'hint'>[]
}

const MAX_TRIES = 12

/**
 * Each is an event of its own, so that of several resets at once none undoes another.
 *
 * @throws IfBoardError `breaker/own`, `breaker/not-granted`, `task/unknown`, `task/ambiguous`, `authority/busy`,
 *   `authority/refused`
 */
export async function resetBreaker(box: Toolbox, request: ResetRequest): Promise<ResetOutcome> {
  const first = await read(box)
  await requireGrant(box, first, request)
  const closed: string[] = []
  const targets = targetsOf(first, request)
  for (const target of targets) if (await resetOne(box, target, request)) closed.push(nameOf(target))
  const named = targets.map(nameOf)
  const left = breakersOf(await read(box)).filter(({ name }) => request.target === undefined || named.includes(name))
  return {
    kind: closed.length === 0 ? 'unchanged' : 'reset',
    closed,
    open: left.map(({ name, hint }) => ({ name, hint })),
  }
}

type Target = { readonly of: 'session'; readonly session: SessionName } | { readonly of: 'task'; readonly key: TaskKey }

/** Where nothing is named, what the one who asks may not reset stays as it is. */
function targetsOf(reading: Reading, { target, by }: ResetRequest): Target[] {
  if (target === undefined) return allOpen(reading).filter((one) => !isOwn(reading, one, by))
  const { accounts, snapshot } = reading
  const isKnown = accounts.ledger.sessions.some(({ session }) => session === target)
  const named: Target =
    isSessionName(target) && isKnown
      ? { of: 'session', session: target }
      : { of: 'task', key: findTask(snapshot, target).task.key }
  if (isOwn(reading, named, by)) throw ownFailures(nameOf(named), by)
  return [named]
}

function allOpen({ accounts, snapshot }: Reading): Target[] {
  const tasks = [...snapshot.views.values()].filter(({ quarantine }) => quarantine !== undefined)
  return [
    ...[...accounts.breakers.keys()].map((session) => ({ of: 'session', session }) as const),
    ...tasks.map(({ task }) => ({ of: 'task', key: task.key }) as const),
  ]
}

function nameOf(target: Target): string {
  return target.of === 'session' ? target.session : splitTaskKey(target.key).id
}

/** A spiral must not end its own stop; the ledger does not count such a reset either. */
function isOwn({ accounts }: Reading, target: Target, by: SessionName): boolean {
  if (target.of === 'session') return target.session === by
  return accounts.taskAccount(target.key)?.failed.includes(by) === true
}

function ownFailures(name: string, by: SessionName): IfBoardError {
  return new IfBoardError('breaker/own', `\`${by}\` cannot reset what its own failures opened: \`${name}\``, {
    hint: `Under your own name: if-board breaker reset ${name} --reason TEXT --session YOUR-NAME`,
  })
}

/** Where operators are pinned, only keys that they granted close a breaker. */
async function requireGrant(box: Toolbox, { branch }: Reading, { by, registry }: ResetRequest): Promise<void> {
  const { keys } = await openRegistry(box, branch.tree, registry)
  if (!keys.pinned) return
  const key = await box.keys.publicKey(by)
  const verdict = judgeKey(keys, { session: by, key, sequence: Number.MAX_SAFE_INTEGER, time: box.clock.now().wallMs })
  if (verdict.kind === 'granted') return
  throw new IfBoardError('breaker/not-granted', `operators are pinned here, and none granted the key of \`${by}\``, {
    hint: `if-board grant ${printable(by, 64)} --public-key ${key}, or do it as a session that has a grant: --session NAME`,
  })
}

/** Did it change anything? Only what counts against it now is forgiven, so a second reset at once finds nothing. */
async function resetOne(box: Toolbox, target: Target, { by, reason }: ResetRequest): Promise<boolean> {
  let last: MoveOutcome | undefined
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const reading = await read(box)
    const saying = target.of === 'session' ? sessionReset(reading, target.session) : taskReset(reading, target.key)
    if (saying === undefined) return false
    const { outcome } = await say(box, reading, {
      session: by,
      type: 'breaker',
      ...saying,
      data: { ...saying.data, reason },
    })
    if (outcome.kind === 'moved') return true
    if (outcome.kind === 'refused') throw refusedError(outcome, 'resets')
    last = outcome
    await box.clock.sleep(box.chance.fraction() * Math.min(30 * 2 ** tries, 1000))
  }
  throw busyError(last, 'the reset could not be pushed', 'Try again in a moment: the same command')
}

interface Reset {
  readonly subject?: TaskKey
  readonly data: EventData & { readonly breaker: BreakerChange }
}

function sessionReset({ accounts, config }: Reading, session: SessionName): Reset | undefined {
  const account = accounts.ledger.sessions.find((one) => one.session === session)
  const last = account?.outcomes.at(-1)
  if (account === undefined || last === undefined) return undefined
  if (tripOf(account, config.governor.breaker) === undefined) return undefined
  return { data: { breaker: { of: 'session', name: session, to: 'closed', rule: 'reset', forgiven: markOf(last) } } }
}

function taskReset({ snapshot, accounts }: Reading, key: TaskKey): Reset | undefined {
  const view = snapshot.views.get(key)
  if (view === undefined || (accounts.taskAccount(key)?.failed ?? []).length === 0) return undefined
  const breaker = { of: 'task', name: key, to: 'closed', rule: 'reset', forgivenEpoch: endedEpoch(view) } as const
  return { subject: key, data: { task: taskOf(view), breaker } }
}
