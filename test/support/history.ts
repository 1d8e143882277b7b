/**
 * A day of a fleet as it may honestly come about, from a seed: sessions that take, finish, give back, steal and
 * join; people who edit; several that fold; clocks that differ by minutes; servers that are killed half way.
 */
import { seededKeyRing } from '../../src/adapters/memory/local.ts'
import { nodeSshCrypto } from '../../src/adapters/process/ssh-crypto.ts'
import { IfBoardError, type ObjectId, type RefName, type SessionName, toSessionName } from '../../src/model/index.ts'
import { type Operator, parseOperators } from '../../src/witness/keys.ts'
import { note, revoke } from '../../src/workflows/adjust.ts'
import { takeSwitchStep } from '../../src/workflows/fast/switch-step.ts'
import { fold } from '../../src/workflows/fold.ts'
import { grant } from '../../src/workflows/grant.ts'
import type { Toolbox } from '../../src/workflows/toolbox.ts'
import { ask, done, end, fail, release } from './acts.ts'
import { type Clone, type Fleet, type FleetKind, fleet, names } from './fleet.ts'
import { pinsOf, softOperator } from './ssh.ts'

export interface History {
  readonly fleet: Fleet
  readonly clones: readonly Clone[]
  readonly sessions: readonly SessionName[]
  readonly random: Random
  /** All refs as they were after each step. */
  readonly moments: ReadonlyMap<RefName, ObjectId>[]
  /** Commits that completions named. */
  readonly commits: ObjectId[]
  readonly switches?: boolean
  /** An operator grants keys, so nobody speaks who has none. */
  readonly granted?: boolean
}

export interface HistoryRequest {
  readonly seed: number
  readonly kind?: FleetKind
  readonly steps?: number
  /** Let servers die half way; default true. */
  readonly crashes?: boolean
  /** Completions wait for their commits to reach the base branch; default: the session's word counts. */
  readonly doneWhen?: 'reported' | 'merged'
  /** Where the refs are; default: outside of heads and tags. */
  readonly refs?: 'custom' | 'heads'
  /** An operator grants the sessions' keys half way. */
  readonly granted?: boolean
  /** Sessions begin to change who decides, and give it up again, in the middle of everything; default: nobody does. */
  readonly switches?: boolean
  /** Each event is sealed in the end; default: chance. */
  readonly sealed?: boolean
  /** Steps behind all of that in which nobody folds, edits or dies. */
  readonly tail?: number
}

const TASKS = 9
const BOARD = [
  '| ID | Task | Status | Dependencies |',
  '|---|---|---|---|',
  ...Array.from(
    { length: TASKS },
    (_, at) => `| T${at + 1} | Do ${at + 1} | AVAILABLE | ${at > 4 ? `T${at - 3}` : ''} |`,
  ),
  '',
].join('\n')

/** mulberry32: small, seeded, good enough to choose steps with (Tommy Ettinger, public domain). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** In [0, 1). */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  below(limit: number): number {
    return Math.floor(this.fraction() * limit)
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error('nothing to pick from')
    return items[this.below(items.length)] as T
  }
}

export async function history({
  seed,
  kind = 'memory-remote',
  steps = 40,
  crashes = true,
  granted = false,
  doneWhen = 'reported',
  refs = 'custom',
  switches = false,
  sealed,
  tail = 0,
}: HistoryRequest): Promise<History> {
  const random = new Random(seed)
  const one = await fleet({
    kind,
    board: BOARD,
    seed,
    config: { maxTasks: 2, doneWhen, refs, ...(doneWhen === 'merged' ? { baseBranch: 'main' } : {}) },
  })
  const sessions = names(4)
  const clones: Clone[] = []
  for (const [index] of sessions.entries()) clones.push(ofMachine(await one.clone(), index))
  const day: History = { fleet: one, clones, sessions, random, moments: [], commits: [], switches, granted }
  await goOn(day, { steps: steps >> 1, crashes })
  if (granted) await grantAll(day)
  await goOn(day, { steps: steps - (steps >> 1), crashes })
  if (sealed ?? random.fraction() < 0.5) await sealAll(day)
  for (let step = 0; step < tail; step += 1) await work(day)
  return day
}

/** More of the same day. */
export async function goOn(day: History, { steps = 20, crashes = true }: Omit<HistoryRequest, 'seed'>) {
  for (let step = 0; step < steps; step += 1) {
    await act(day, crashes)
    day.fleet.clock.advance(day.random.below(90) * 1000)
    day.moments.push(await day.fleet.refs())
  }
}

/** Ada says whose keys these are. */
export const ADA = softOperator('ada')

export async function grantAll({ fleet: one, sessions }: History): Promise<void> {
  const { box } = await one.clone()
  const tools = { operator: ADA, pins: pinsOf(ADA), crypto: nodeSshCrypto }
  for (const session of sessions) {
    const publicKey = await box.keys.publicKey(session)
    const request = { author: toSessionName('ada'), session, publicKey, change: { kind: 'grant', days: 30 } as const }
    await grant(box, tools, request)
  }
}

/** Ada as a clone has pinned her. */
export function pinnedAda(): Promise<readonly Operator[]> {
  return pinsOf(ADA)
    .read()
    .then((text) => parseOperators(text).operators)
}

/** Fold until nothing is left to seal; by a clone that has seen nothing yet, where refs were put back before. */
export async function sealAll({ clones, sessions, fleet: { clock } }: History, by?: Clone): Promise<void> {
  const { box } = by ?? (clones[0] as Clone)
  // A claim that no claim ref shows is sealed only when it is ten minutes old.
  clock.advance(11 * 60_000)
  for (let folds = 0; folds < 6; folds += 1)
    if ((await fold(box, sessions[0] as SessionName)).kind === 'nothing') return
}

/** Who has joined nowhere, and is called the same on every machine. */
const LOGIN = toSessionName('root')

/** Clocks of machines differ, by minutes; so does the key of a login name. */
function ofMachine(clone: Clone, index: number): Clone {
  const { clock, keys } = clone.box
  const offMs = (index - 1.5) * 120_000
  const own = seededKeyRing(`machine ${index}`)
  const ringOf = (session: SessionName) => (session.startsWith(LOGIN) ? own : keys)
  const now = () => {
    const instant = clock.now()
    return { ...instant, wallMs: instant.wallMs + offMs }
  }
  const box: Toolbox = {
    ...clone.box,
    clock: { now, sleep: (ms) => clock.sleep(ms) },
    keys: {
      publicKey: (session) => ringOf(session).publicKey(session),
      sign: (session, text) => ringOf(session).sign(session, text),
    },
  }
  return {
    ...clone,
    box,
    get merged() {
      return clone.merged
    },
    set merged(commits) {
      clone.merged = commits
    },
  }
}

async function act(day: History, crashes: boolean): Promise<void> {
  const { random, clones, sessions, fleet: one } = day
  const who = random.below(sessions.length)
  const clone = clones[who] as Clone
  const session = sessions[who] as SessionName
  const task = `T${1 + random.below(TASKS)}`
  if (crashes && random.fraction() < 0.08) killNextPush(day, clone)
  const acts: readonly (readonly [weight: number, act: () => Promise<unknown>])[] = [
    [8, () => ask(clone, session)],
    [7, () => complete(day, who)],
    [2, async () => merge(day)],
    [2, () => release(clone, session)],
    [2, () => fail(clone, session)],
    [1, () => end(clone, session, { kind: 'blocked', blocker: 'the weather' })],
    [2, () => note(clone.box, session, task, 'seen from afar')],
    [1, () => revoke(clone.box, { by: session, from: random.pick(sessions), task: undefined, reason: 'on leave' })],
    [3, () => fold(clone.box, session)],
    [2, () => fold(clone.box, LOGIN)],
    [day.granted === true ? 0 : 1, () => note(clone.box, LOGIN, task, 'by whoever sits here')],
    [2, () => one.edit((text) => retype(text, task, random.pick(['COMPLETED', 'PAUSED', 'AVAILABLE', 'CANCELLED'])))],
    [1, async () => one.clock.advance(70 * 60_000)],
    [day.switches === true ? 12 : 0, () => switchABit(day, who)],
  ]
  await tolerant(weighted(random, acts))
  clone.traffic.beforePush = undefined
}

/** One step up, as far as it goes without etcd, or back: so claims are carried, and hold on in git. */
function switchABit({ clones, sessions, random }: History, who: number): Promise<unknown> {
  const [clone, session] = [clones[who] as Clone, sessions[who] as SessionName]
  const to = random.fraction() < 0.5 ? 'etcd' : 'git'
  const switcher = { session, nonce: clone.box.chance.hex(16), leaseMs: 15_000, to: () => to } as const
  return takeSwitchStep({ box: clone.box, path: undefined, about: () => '' }, switcher)
}

/** Sessions alone. */
export async function work({ random, clones, sessions }: History): Promise<void> {
  const who = random.below(sessions.length)
  const [clone, session] = [clones[who] as Clone, sessions[who] as SessionName]
  const acts = [() => ask(clone, session), () => done(clone, session), () => note(clone.box, session, 'T1', 'again')]
  await tolerant(random.pick(acts))
}

function weighted<T>(random: Random, items: readonly (readonly [weight: number, item: T])[]): T {
  let rest = random.below(items.reduce((sum, [weight]) => sum + weight, 0))
  for (const [weight, item] of items) {
    if (rest < weight) return item
    rest -= weight
  }
  throw new Error('weights are above zero')
}

/** With a commit that nobody has merged yet. */
function complete({ clones, sessions, random, commits }: History, who: number): Promise<string> {
  const commit = Array.from({ length: 40 }, () => random.below(16).toString(16)).join('') as ObjectId
  commits.push(commit)
  const [clone, session] = [clones[who] as Clone, sessions[who] as SessionName]
  return done(clone, session, undefined, { note: `as said in ${commit.slice(0, 7)}`, branch: 'work', commit })
}

/** Everything that was completed so far reaches the base branch of every clone. */
function merge({ clones, commits }: History): void {
  for (const clone of clones) clone.merged = new Set(commits)
}

/** Refusals change nothing, and a killed server is part of the day. */
export async function tolerant(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof IfBoardError) && !(error instanceof Error && error.message === KILLED)) throw error
  }
}

const KILLED = 'the server was killed'

/** Of the refs of the next push, only the first few have moved when the server dies. */
export function killNextPush({ fleet: one, random }: History, clone: Clone): void {
  clone.traffic.beforePush = async (moves) => {
    clone.traffic.beforePush = undefined
    const refs = await one.refs()
    if (moves.some(({ ref, expected }) => refs.get(ref) !== expected)) return undefined
    for (const { ref, next } of moves.slice(0, random.below(moves.length + 1))) await one.force(ref, next)
    throw new Error(KILLED)
  }
}

function retype(text: string, task: string, word: string): string {
  return text.replace(new RegExp(`^(\\| ${task} \\|[^|]*\\|)[^|]*\\|`, 'm'), `$1 ${word} |`)
}
