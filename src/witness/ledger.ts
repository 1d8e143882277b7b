/**
 * What events come to: who spent what on which board, task and day, and how grants ended (docs/governor.md).
 *
 * Each event counts once: those up to `through` of their session are in the ledger already. So counting on from a
 * ledger gives what counting all from the start gives, whatever was sealed when, as long as the order is the log's.
 */
import {
  type Amount,
  type BoardAccount,
  type BoardName,
  type Cap,
  type Cost,
  type EventType,
  figureOf,
  isJudged,
  isNothing,
  isPassed,
  isSessionName,
  isTaskKey,
  type Ledger,
  MAX_DAYS,
  MAX_OUTCOMES,
  MAX_SAMPLES,
  microUsdOf,
  minus,
  NOTHING,
  type OutcomeRecord,
  plus,
  type SealedSession,
  type SessionAccount,
  type SessionName,
  type SignedEvent,
  splitTaskKey,
  type TaskAccount,
  type TaskKey,
  UNITS,
} from '../model/index.ts'
import { eventType } from './event-shape.ts'
import { parseTime } from './time.ts'

/** Sessions that a task's account names of each kind at most. */
const MAX_NAMES = 100

/** Where it lies on the coordination branch. */
export const LEDGER_FILE = '.if-board/state/ledger'

/** What was counted before. */
export interface Counted {
  readonly ledger: Ledger
  readonly taskAccount: (key: TaskKey) => TaskAccount | undefined
}

export interface Tally {
  readonly ledger: Ledger
  /** Accounts of the tasks that these events changed. */
  readonly tasks: ReadonlyMap<TaskKey, TaskAccount>
}

/** Count events on top of what was counted: sessions in any order, the events of each in its own. */
export function tally(before: Counted, events: Iterable<SignedEvent>): Tally {
  const books = new Books(before)
  for (const event of events) countEvent(books, event)
  return books.close()
}

/** These chains end so far: what lies before and could not be counted never will be. */
export function countedThrough(ledger: Ledger, sealed: readonly SealedSession[]): Ledger {
  const sessions = new Map(ledger.sessions.map((account) => [account.session, account]))
  for (const { session, sequence } of sealed) {
    const account = sessions.get(session) ?? emptySession(session)
    if (account.through < sequence) sessions.set(session, { ...account, through: sequence })
  }
  return { ...ledger, sessions: [...sessions.values()].sort(bySession) }
}

/** Accounts while they are counted; every change replaces one, none is changed in place. */
class Books {
  readonly #before: Counted
  readonly #sessions: Map<SessionName, SessionAccount>
  readonly #boards: Map<BoardName, BoardAccount>
  readonly #tasks = new Map<TaskKey, TaskAccount>()

  constructor(before: Counted) {
    this.#before = before
    this.#sessions = new Map(before.ledger.sessions.map((account) => [account.session, account]))
    this.#boards = new Map(before.ledger.boards.map((account) => [account.board, account]))
  }

  session(name: SessionName): SessionAccount {
    return this.#sessions.get(name) ?? emptySession(name)
  }

  setSession(account: SessionAccount): void {
    this.#sessions.set(account.session, account)
  }

  board(name: BoardName): BoardAccount {
    return this.#boards.get(name) ?? { board: name, spent: NOTHING, days: [], samples: [] }
  }

  setBoard(account: BoardAccount): void {
    this.#boards.set(account.board, account)
  }

  task(key: TaskKey): TaskAccount {
    return this.#tasks.get(key) ?? this.#before.taskAccount(key) ?? { spent: NOTHING, tried: [], failed: [] }
  }

  setTask(key: TaskKey, account: TaskAccount): void {
    this.#tasks.set(key, account)
  }

  close(): Tally {
    const sessions = [...this.#sessions.values()].sort(bySession)
    const boards = [...this.#boards.values()].sort((a, b) => (a.board < b.board ? -1 : 1))
    return { ledger: { sessions, boards }, tasks: this.#tasks }
  }
}

function emptySession(session: SessionName): SessionAccount {
  return { session, through: 0, spent: NOTHING, outcomes: [], capabilities: [] }
}

function bySession(a: SessionAccount, b: SessionAccount): number {
  return a.session < b.session ? -1 : 1
}

function countEvent(books: Books, event: SignedEvent): void {
  const account = books.session(event.session)
  if (event.sequence <= account.through) return
  const named = event.time.slice(0, 10)
  // A clock that was set back names a day that is over: what it says is spent now.
  const day = account.day !== undefined && account.day > named ? account.day : named
  books.setSession({ ...account, through: event.sequence, day })
  COUNTS.get(eventType(event))?.(books, event, day)
}

type Count = (books: Books, event: SignedEvent, day: string) => void

/** What each type of event comes to; others come to nothing but their sequence. */
const COUNTS: ReadonlyMap<EventType, Count> = new Map<EventType, Count>([
  ['joined', countJoined],
  ['complete', (books, event, day) => countOwnEnd(books, event, { outcome: 'completed', day })],
  ['fail', (books, event, day) => countOwnEnd(books, event, { outcome: 'failed', day })],
  ['release', (books, event, day) => countOwnEnd(books, event, { outcome: 'released', day })],
  ['block', (books, event, day) => countOwnEnd(books, event, { outcome: 'blocked', day })],
  ['steal', (books, event, day) => countTaken(books, event, { outcome: 'stolen', reserve: event.data.forfeit, day })],
  [
    'revoked',
    (books, event, day) => countTaken(books, event, { outcome: 'revoked', reserve: event.data.reserve, day }),
  ],
  ['ran', countRefused],
  ['cost', countLateCost],
  ['breaker', countReset],
])

/**
 * Of what is said about breakers a reset alone is counted, and none by whose failures opened it. It names what it
 * forgives, so that it does the same whether that was counted before it or comes behind.
 */
function countReset(books: Books, { session: by, data: { breaker } }: SignedEvent): void {
  if (breaker?.rule !== 'reset') return
  const { of, name, forgiven, forgivenEpoch } = breaker
  if (of === 'session' && isSessionName(name) && name !== by && forgiven !== undefined)
    books.setSession({ ...books.session(name), forgiven })
  if (of === 'task' && isTaskKey(name) && forgivenEpoch !== undefined && !books.task(name).failed.includes(by))
    books.setTask(name, forgive(books.task(name), forgivenEpoch))
}

/** Failures of grants up to this epoch count no more. */
export function forgive(account: TaskAccount, epoch: number): TaskAccount {
  return { ...account, failed: [], forgivenEpoch: Math.max(epoch, account.forgivenEpoch ?? 0) }
}

function countJoined(books: Books, { session, data }: SignedEvent): void {
  const { capabilities, model, rateUsdPerHour, budgetUsd } = data
  books.setSession({
    ...books.session(session),
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(model === undefined ? {} : { model }),
    ...(rateUsdPerHour === undefined ? {} : { rateMicroUsdPerHour: microUsdOf(rateUsdPerHour) }),
    ...(budgetUsd === undefined ? {} : { budgetMicroUsd: microUsdOf(budgetUsd) }),
  })
}

interface GrantEnd {
  readonly session: SessionName
  readonly key: TaskKey
  readonly record: OutcomeRecord
  /** Of the grant. */
  readonly epoch: number
}

function countOwnEnd(books: Books, event: SignedEvent, { outcome, day }: Pick<OutcomeRecord, 'outcome' | 'day'>): void {
  const { session, subject: key, data } = event
  if (key === undefined) return
  const { heldSeconds } = data
  const record: OutcomeRecord = {
    sequence: event.sequence,
    task: key,
    outcome,
    at: parseTime(event.time) ?? 0,
    ...(heldSeconds === undefined ? {} : { minutes: heldSeconds / 60 }),
    day,
    ...chargeOf(data.cost, data.reserve ?? NOTHING),
  }
  countEnd(books, { session, key, record, epoch: data.epoch ?? 0 })
  if (outcome === 'completed') countSample(books, event)
}

/** Its session said `done`, and the check did not pass. Nothing has ended, so nothing is charged. */
function countRefused(books: Books, { session, sequence, subject: task, time, data }: SignedEvent, day: string): void {
  const { ran } = data
  if (task === undefined || ran?.purpose !== 'done' || isPassed(ran) || !isJudged(ran)) return
  const account = books.session(session)
  if (account.outcomes.findLast((record) => record.task === task)?.outcome === 'refused') return
  const record: OutcomeRecord = { sequence, task, outcome: 'refused', at: parseTime(time) ?? 0, day, charged: NOTHING }
  books.setSession({ ...account, outcomes: [...account.outcomes, record].slice(-MAX_OUTCOMES) })
}

interface Taken {
  readonly outcome: 'stolen' | 'revoked'
  readonly reserve: Amount | undefined
  readonly day: string
}

/** Somebody else ended the grant of `from`: what it has cost is not known here. */
function countTaken(books: Books, event: SignedEvent, { outcome, reserve = NOTHING, day }: Taken): void {
  const { subject: key, data } = event
  const { from: session = '' } = data
  if (key === undefined || !isSessionName(session)) return
  const at = parseTime(event.time) ?? 0
  const record = { sequence: event.sequence, task: key, outcome, at, day, ...chargeOf(undefined, reserve) }
  countEnd(books, { session, key, record, epoch: data.epoch ?? 0 })
}

/** Each unit by its figure, else by the reservation. */
function chargeOf(cost: Cost | undefined, reserve: Amount): Pick<OutcomeRecord, 'charged' | 'assumed'> {
  const figure: Cap = cost === undefined ? {} : figureOf(cost)
  const charged = { ...reserve, ...figure }
  const assumed = {
    microUsd: figure.microUsd === undefined ? reserve.microUsd : 0,
    tokens: figure.tokens === undefined ? reserve.tokens : 0,
  }
  return isNothing(assumed) ? { charged } : { charged, assumed }
}

function countEnd(books: Books, { session, key, record, epoch }: GrantEnd): void {
  const account = books.session(session)
  books.setSession({ ...account, outcomes: [...account.outcomes, record].slice(-MAX_OUTCOMES) })
  const task = books.task(key)
  const counts = record.outcome === 'failed' && epoch > (task.forgivenEpoch ?? 0)
  const failed = counts ? withName(task.failed, session) : task.failed
  books.setTask(key, { ...task, tried: withName(task.tried, session), failed })
  spend(books, { session, key, day: record.day, amount: record.charged })
}

function withName(names: readonly SessionName[], name: SessionName): readonly SessionName[] {
  return names.includes(name) || names.length >= MAX_NAMES ? names : [...names, name]
}

function countSample(books: Books, { session, subject, data }: SignedEvent): void {
  const { heldSeconds, estimateMinutes, cost } = data
  if (subject === undefined || heldSeconds === undefined) return
  const board = books.board(splitTaskKey(subject).board)
  const sample = {
    session,
    minutes: heldSeconds / 60,
    ...(estimateMinutes === undefined ? {} : { estimateMinutes }),
    ...(cost === undefined ? {} : figureOf(cost)),
  }
  books.setBoard({ ...board, samples: [...board.samples, sample].slice(-MAX_SAMPLES) })
}

/** A report that comes behind the end of its grant takes the place of what was assumed; what was not, is spent beside it. */
function countLateCost(books: Books, { session, subject: key, data }: SignedEvent, day: string): void {
  if (key === undefined || data.cost === undefined) return
  const figure = figureOf(data.cost)
  const account = books.session(session)
  const at = account.outcomes.findLastIndex(({ task, assumed }) => task === key && replaces(figure, assumed))
  const record = account.outcomes[at]
  if (record === undefined) {
    spend(books, { session, key, day, amount: { ...NOTHING, ...figure } })
    return
  }
  const settled = settle(record, figure)
  books.setSession({ ...account, outcomes: account.outcomes.with(at, settled) })
  const place = { session, key, day: record.day }
  spend(books, { ...place, amount: record.charged }, minus)
  spend(books, { ...place, amount: settled.charged })
}

function replaces(figure: Cap, assumed: Amount | undefined): boolean {
  return assumed !== undefined && UNITS.some((unit) => figure[unit] !== undefined && assumed[unit] > 0)
}

/** Unit by unit: where a figure stood already, the report adds to it. */
function settle(record: OutcomeRecord, figure: Cap): OutcomeRecord {
  const { charged, assumed = NOTHING, ...rest } = record
  const isKnown = (unit: (typeof UNITS)[number]) => figure[unit] !== undefined
  const gone = { microUsd: isKnown('microUsd') ? assumed.microUsd : 0, tokens: isKnown('tokens') ? assumed.tokens : 0 }
  const left = minus(assumed, gone)
  const now = { charged: plus(minus(charged, gone), { ...NOTHING, ...figure }) }
  return isNothing(left) ? { ...rest, ...now } : { ...rest, ...now, assumed: left }
}

interface Spending {
  readonly session: SessionName
  readonly key: TaskKey
  readonly day: string
  readonly amount: Amount
}

function spend(books: Books, { session, key, day, amount }: Spending, add: typeof plus = plus): void {
  if (isNothing(amount)) return
  const account = books.session(session)
  books.setSession({ ...account, spent: add(account.spent, amount) })
  const task = books.task(key)
  books.setTask(key, { ...task, spent: add(task.spent, amount) })
  const board = books.board(splitTaskKey(key).board)
  books.setBoard({
    ...board,
    spent: add(board.spent, amount),
    days: onDay(board.days, day, (spent) => add(spent, amount)),
  })
}

type Days = BoardAccount['days']

/** Days that find no room are put to the one after them, so that no spending is forgotten, whatever clocks say. */
function onDay(days: Days, day: string, change: (spent: Amount) => Amount): Days {
  const at = days.findIndex(([one]) => one >= day)
  const found = days[at]
  const isFull = days.length >= MAX_DAYS
  if (found !== undefined && (found[0] === day || (at === 0 && isFull)))
    return days.with(at, [found[0], change(found[1])])
  const grown = days.toSpliced(at < 0 ? days.length : at, 0, [day, change(NOTHING)])
  const [first, second, ...rest] = grown
  if (!isFull || first === undefined || second === undefined) return grown
  return [[second[0], plus(first[1], second[1])], ...rest]
}
