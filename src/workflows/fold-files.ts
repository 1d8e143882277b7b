/** The files that a fold changes: boards, state shards, ends of chains, and the generated assignments. */
import { isDefaultState, isSettled, renderStateShard, STATE_FOLDER } from '../claim/index.ts'
import { capabilities, capabilityBook, quarantinedTasks } from '../governor/index.ts'
import {
  type ParsedBoard,
  type SealedSession,
  type SessionName,
  type SignedEvent,
  type StatusWord,
  shardOf,
  type Task,
  type TaskKey,
  type TaskState,
} from '../model/index.ts'
import {
  endedEpoch,
  isPersonsEdit,
  renderAssignments,
  type Snapshot,
  takeSnapshot,
  withQuarantine,
} from '../projection/index.ts'
import {
  type CarriedEvent,
  forgive,
  LEDGER_FILE,
  renderSealedSession,
  sealedSessionPath,
  sealedSessionsOf,
} from '../witness/index.ts'
import { readText } from './branch-tree.ts'
import { type LedgerAfter, ledgerAfter } from './fold-ledger.ts'
import { nextState, type TaskPlan } from './fold-plan.ts'
import type { WholeReading } from './read.ts'
import { boardText, PINS_FILE } from './read-branch.ts'
import { sayableBoards, sayableConfig, sayableTitle } from './sayable-boards.ts'
import { readSkills } from './skills.ts'
import type { Toolbox } from './toolbox.ts'
import { sharedOffers } from './views-offers.ts'
import { decisions } from './who-decided.ts'

export interface Folding {
  readonly plans: readonly TaskPlan[]
  readonly events: readonly CarriedEvent[]
  /** Further ends of chains to record, older than those of `events`. */
  readonly sealed: readonly SealedSession[]
  /** Events of notes that the ledger may not have counted, before `events`. */
  readonly counted?: readonly SignedEvent[]
}

export interface FoldedFiles {
  /** New texts by path; a file that stays as it is, is not among them. */
  readonly files: ReadonlyMap<string, string>
  /** Did the text of a board change? */
  readonly isRewritten: boolean
  /** Settled tasks whose text cannot say so: their refs must stay, or they would be offered again. */
  readonly unshown: ReadonlySet<TaskKey>
}

export async function foldedFiles(
  box: Toolbox,
  reading: WholeReading,
  { plans, events, sealed, counted = [] }: Folding,
): Promise<FoldedFiles> {
  const said = [...counted, ...events.map(({ event }) => event)]
  const ledger = await ledgerAfter(box, reading, { events: said, sealed })
  const after = await boardsAfter(box, reading, plans)
  const states = forgiven(withAccounts(after.states, ledger.tasks), plans)
  const files = new Map<string, string>(after.texts)
  const changed = [...plans.map(({ view }) => view.task.key), ...ledger.tasks.keys()]
  for (const shard of new Set(changed.map((key) => shardOf(key, box.sha256))))
    files.set(`${STATE_FOLDER}/${shard}`, shardText(box, states, shard))
  if (ledger.text !== undefined) files.set(LEDGER_FILE, ledger.text)
  for (const end of [...sealed, ...sealedSessionsOf(events, box.sha256)])
    files.set(sealedSessionPath(end.session, box.sha256), renderSealedSession(end))
  const assignments = await assignmentsAfter(
    box,
    reading,
    await snapshotAfter(box, reading, plans, { ...after, states }),
  )
  if (assignments !== undefined) files.set(PINS_FILE, assignments)
  return { files, isRewritten: after.texts.size > 0, unshown: after.unshown }
}

function withAccounts(
  states: ReadonlyMap<TaskKey, TaskState>,
  accounts: LedgerAfter['tasks'],
): ReadonlyMap<TaskKey, TaskState> {
  const after = new Map(states)
  for (const [key, account] of accounts) {
    const state = states.get(key) ?? { key, shown: 'available', grants: 0, failures: 0 }
    after.set(key, { ...state, account })
  }
  return after
}

/** Whoever sets the word of a cell anew has looked at the task: what failed until then counts no more. */
function forgiven(
  states: ReadonlyMap<TaskKey, TaskState>,
  plans: readonly TaskPlan[],
): ReadonlyMap<TaskKey, TaskState> {
  const after = new Map(states)
  for (const { view } of plans) {
    const state = after.get(view.task.key)
    if (state?.account === undefined || state.account.failed.length === 0 || !isPersonsEdit(view)) continue
    after.set(state.key, { ...state, account: forgive(state.account, endedEpoch(view)) })
  }
  return after
}

interface BoardsAfter {
  readonly texts: ReadonlyMap<string, string>
  readonly boards: readonly ParsedBoard[]
  readonly states: ReadonlyMap<TaskKey, TaskState>
  readonly unshown: ReadonlySet<TaskKey>
}

async function boardsAfter(box: Toolbox, reading: WholeReading, plans: readonly TaskPlan[]): Promise<BoardsAfter> {
  const decided = await decisions(
    box,
    reading,
    plans.map(({ view }) => view),
  )
  const texts = new Map<string, string>()
  const states = new Map(reading.branch.states)
  const boards: ParsedBoard[] = []
  const unshown = new Set<TaskKey>()
  for (const parsed of reading.branch.boards) {
    const here = plans.filter(({ view }) => view.task.board === parsed.board.name)
    const { text, now } =
      here.length === 0 ? { text: undefined, now: parsed } : await rewrite(box, reading, parsed, here)
    if (text !== undefined) texts.set(parsed.board.name, text)
    const words = new Map(now.board.tasks.map(({ key, status }) => [key, status]))
    for (const plan of here) {
      const word = words.get(plan.view.task.key) ?? 'unknown'
      if (!isShown(plan, word)) unshown.add(plan.view.task.key)
      const next = nextState(plan, shownAfter(plan, word), decided(plan.view.task.key))
      states.set(plan.view.task.key, await withSayableTitle(box, next))
    }
    boards.push(now)
  }
  return { texts, boards, states, unshown }
}

async function withSayableTitle(box: Toolbox, state: TaskState): Promise<TaskState> {
  return state.title === undefined ? state : { ...state, title: await sayableTitle(box, state.title) }
}

/** Does the text say that a settled task is settled? */
function isShown({ view: { judgement } }: TaskPlan, word: StatusWord): boolean {
  return !isSettled(judgement.standing) || word === 'done' || word === 'cancelled'
}

/** A word that is not understood is nobody's decision yet: what was shown before still is. */
function shownAfter({ view: { state } }: TaskPlan, word: StatusWord): StatusWord {
  return word === 'unknown' ? (state?.shown ?? 'available') : word
}

/** The text after the plans, `undefined` where it stays; `shown` is what a reader of it understands, not what was meant. */
async function rewrite(box: Toolbox, reading: WholeReading, parsed: ParsedBoard, plans: readonly TaskPlan[]) {
  const { parseBoard, setStatuses } = await import('../board/index.ts')
  const { name } = parsed.board
  const before = await boardText(box, reading.branch, name)
  const { text } = setStatuses(before, name, plans.flatMap(statusChange))
  return text === before
    ? { text: undefined, now: parsed }
    : { text, now: parseBoard(text, name, reading.branch.config) }
}

function statusChange({ view: { task }, write, by }: TaskPlan) {
  return write === undefined ? [] : [{ id: task.id, status: write, ...(by === undefined ? {} : { by }) }]
}

function shardText(box: Toolbox, states: ReadonlyMap<TaskKey, TaskState>, shard: string): string {
  const inShard = [...states.values()].filter((state) => shardOf(state.key, box.sha256) === shard)
  return renderStateShard(inShard.filter((state) => !isDefaultState(state)))
}

/** How everything stands once this fold has landed, in sayable words: what it writes for people must hold then. */
async function snapshotAfter(
  box: Toolbox,
  { facts }: WholeReading,
  plans: readonly TaskPlan[],
  after: BoardsAfter,
): Promise<Snapshot> {
  const swept = new Set(plans.flatMap(({ sweep }) => sweep?.oid ?? []))
  const [boards, config] = [await sayableBoards(box, after.boards), await sayableConfig(box, facts.config)]
  const claims = facts.claims.filter(({ oid }) => !swept.has(oid))
  const stopped = quarantinedTasks(
    [...after.states.values()].map(({ key, account }) => [key, account]),
    config.governor.breaker,
  )
  return withQuarantine(takeSnapshot({ ...facts, boards, config, states: after.states, claims }), stopped)
}

async function assignmentsAfter(box: Toolbox, reading: WholeReading, after: Snapshot): Promise<string | undefined> {
  const { branch } = reading
  const { joinGenerated, parsePins, splitGenerated } = await import('../board/index.ts')
  const blob = branch.files.get(PINS_FILE)
  const before = blob === undefined ? '' : await readText(box.objects, blob)
  const offers = sharedOffers(after, parsePins(before).pins, await canDo(box, reading))
  const text = joinGenerated(splitGenerated(before).head, renderAssignments(after, offers))
  return text === before ? undefined : text
}

/** By what everybody reads alike: what operators granted counts only where they are pinned. */
async function canDo({ registry: _, ...box }: Toolbox, reading: WholeReading) {
  const skillsOf = await readSkills(box, reading, reading.accounts)
  const book = capabilityBook(reading.config.governor.capabilities)
  return (session: SessionName, task: Task) =>
    capabilities({ session, book, skills: skillsOf(session) }, task) === undefined
}
