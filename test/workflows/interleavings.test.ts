/**
 * Random days in every dialect: people who edit everything, sessions that claim, end and steal, several that fold.
 *
 * Judged by a ledger of its own, of what was answered and typed, never by the table of the program:
 *
 * - a fold changes statuses and nothing else, so no edit is lost; done stands only where somebody was told
 *   `completed`, claimed only where a claim is live; whoever is overtaken changes nothing;
 * - what a person typed is what holds, unless the completion came first; a completion that was answered holds
 *   until a person types another word;
 * - after one quiet fold board, state and refs say the same, and a second one has nothing to do.
 */
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { diffProjects } from '../../src/board/diff.ts'
import { parseBoard } from '../../src/board/index.ts'
import { IfBoardError, type SessionName, type StatusWord, toBoardName } from '../../src/model/index.ts'
import type { TaskView } from '../../src/projection/index.ts'
import { fold } from '../../src/workflows/fold.ts'
import { read, type WholeReading } from '../../src/workflows/read.ts'
import { ask, claim, done, end, fail, release } from '../support/acts.ts'
import { isFull, seeded } from '../support/claims.ts'
import { BOARD, type Clone, type Fleet, type FleetKind, fleet, keyOf, names } from '../support/fleet.ts'
import { applyAct, DIALECT_BOARDS, type PersonAct, personActs, tasksOf } from '../support/person-edits.ts'

const sessions = names(3)
const PINS = 'AUTONOMOUS-NEXT-TASKS.md'
const board = toBoardName(BOARD)

type Step =
  | {
      readonly kind: 'ask' | 'claim' | 'done' | 'fail' | 'release' | 'block'
      readonly who: number
      readonly task: number
    }
  /** One act is a plain commit, several are a squash. */
  | { readonly kind: 'person'; readonly acts: readonly PersonAct[] }
  | { readonly kind: 'pin' | 'revert' | 'wait' }
  | { readonly kind: 'fold'; readonly who: number }
  /** A person pushes while a fold is under way. */
  | { readonly kind: 'race'; readonly who: number; readonly act: PersonAct }

const who = fc.nat({ max: 2 })
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 7,
    arbitrary: fc.record({
      kind: fc.constantFrom('ask', 'claim', 'claim', 'done', 'done', 'fail', 'release', 'block'),
      who,
      task: fc.nat({ max: 6 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('person'), acts: fc.array(personActs, { minLength: 1, maxLength: 2 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('pin', 'revert', 'wait') }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('fold'), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('race'), who, act: personActs }) },
) as fc.Arbitrary<Step>

/** What was answered and typed. */
interface Ledger {
  /** Tasks that somebody was told to have completed, since when no person typed another status. */
  readonly completed: Set<string>
  /** Board text before and after the last edit of a person. */
  last: Texts | undefined
}

interface Day {
  readonly one: Fleet
  readonly clones: readonly Clone[]
  readonly ledger: Ledger
}

async function act({ clones, one, ledger }: Day, step: Extract<Step, { task: number }>): Promise<void> {
  const session = sessions[step.who] as SessionName
  const clone = clones[step.who] as Clone
  const tasks = tasksOf((await one.text()) ?? '')
  const task = tasks[step.task % tasks.length]?.id ?? 'T1'
  const acts = {
    ask: () => ask(clone, session),
    claim: () => claim(clone, session, task),
    done: () => done(clone, session),
    fail: () => fail(clone, session),
    release: () => release(clone, session),
    block: () => end(clone, session, { kind: 'blocked', blocker: 'the weather' }),
  }
  try {
    const answer = await acts[step.kind]()
    const completed = /^completed (\S+)$/.exec(answer)?.[1]
    if (completed !== undefined) ledger.completed.add(completed)
  } catch (error) {
    // Nothing held, several held, no place for a blocker: refusals that change nothing.
    if (!(error instanceof IfBoardError) || /^(?:git|authority)\//.test(error.code)) throw error
  }
}

/** Push what a person typed; then it must hold. */
async function edit(day: Day, acts: readonly PersonAct[]): Promise<void> {
  const { one, clones, ledger } = day
  const before = (await one.text()) ?? ''
  const after = acts.reduce(applyAct, before)
  if (after === before) return
  const seen = await read((clones[0] as Clone).box)
  await one.edit(() => after)
  noteEdit(ledger, seen, { before, after })
  await heedsWords(day, seen.snapshot.views, { before, after })
}

/** A completion that no fold has written yet came first, whatever is typed; any other one is taken back by a word. */
function noteEdit(ledger: Ledger, seen: WholeReading, { before, after }: Texts): void {
  const [was, now] = [wordsIn(before), wordsIn(after)]
  for (const [id, word] of now)
    if (was.has(id) && was.get(id) !== word && !cameFirst(seen.snapshot.views.get(keyOf(id))))
      ledger.completed.delete(id)
  ledger.last = { before, after }
}

function cameFirst(view: TaskView | undefined): boolean {
  return view?.claim?.kind === 'completed'
}

interface Texts {
  readonly before: string
  readonly after: string
}

function wordsIn(text: string): Map<string, StatusWord> {
  return new Map(tasksOf(text).map(({ id, status }) => [id, status]))
}

/** Words that a person may type for good, and what a task is then. */
const MEANT: Partial<Record<StatusWord, string>> = {
  done: 'done',
  paused: 'paused',
  cancelled: 'cancelled',
  unknown: 'unknown',
}

async function heedsWords(
  { clones }: Day,
  seen: ReadonlyMap<string, TaskView>,
  { before, after }: Texts,
): Promise<void> {
  const [was, now] = [wordsIn(before), wordsIn(after)]
  const { views } = (await read((clones[0] as Clone).box)).snapshot
  for (const [id, word] of now) {
    const old = seen.get(keyOf(id))
    const shown = old?.state?.shown ?? 'available'
    if (was.get(id) === word || word === shown || MEANT[word] === undefined) continue
    const first = cameFirst(old) && word !== 'cancelled'
    const status = views.get(keyOf(id))?.status
    assert.ok(status === MEANT[word] || (first && status === 'done'), `${id}: typed ${word}, is ${status}`)
  }
}

/** Everything about a task that a fold must not change. */
function essence({ task, status, holder, judgement }: TaskView): string {
  const { kind } = judgement.standing
  const settledBy = kind === 'completed' ? 'session' : kind === 'settled-by-person' ? 'person' : ''
  return `${task.id} ${status} ${holder ?? ''} ${settledBy}`.trim()
}

/** In the order of ids: on a board of columns a fold moves items. */
function essences({ snapshot }: WholeReading): string[] {
  return [...snapshot.views.values()].map(essence).sort()
}

async function foldChecked({ one, clones, ledger }: Day, by: number): Promise<void> {
  const { box } = clones[by] as Clone
  const session = sessions[by] as SessionName
  const before = await read(box)
  const [text = '', pins = ''] = [await one.text(), await one.text(PINS)]
  const outcome = await fold(box, session)
  assert.is.not(outcome.kind, 'overtaken')
  const after = await read(box)
  assert.equal(essences(after), essences(before))
  const live = new Set<string>(before.claims.filter(({ kind }) => kind === 'granted').map(({ key }) => key))
  explained(text, (await one.text()) ?? '', (id, word) => {
    if (word === 'done') return ledger.completed.has(id)
    if (word === 'claimed') return live.has(keyOf(id))
    return word !== 'cancelled' && !ledger.completed.has(id)
  })
  assert.is(typedPart((await one.text(PINS)) ?? ''), typedPart(pins), 'pins stay')
  assert.is((await fold(box, session)).kind, 'nothing', 'one quiet fold is enough')
  for (const [id, word] of wordsIn((await one.text()) ?? '')) if (word === 'cancelled') ledger.completed.delete(id)
  agrees(after)
}

/** What people wrote above the generated part. */
function typedPart(text: string): string {
  return text.split('<!-- if-board:generated', 1)[0] ?? ''
}

/** All that a fold may change is the words of statuses, each for a reason. */
function explained(before: string, after: string, mayBe: (id: string, word: StatusWord) => boolean): void {
  const [old, now] = [before, after].map((text) => parseBoard(text, board))
  assert.equal(
    now?.diagnostics.filter(({ severity }) => severity === 'error'),
    [],
    'the board parses',
  )
  for (const change of diffProjects([old?.board ?? fail_()], [now?.board ?? fail_()])) {
    const id = change.key.slice(BOARD.length + 1)
    if (change.kind === 'moved') assert.is.not(change.from.section, change.to.section, `${id} moved`)
    else if (change.kind === 'changed' && change.field === 'status')
      assert.ok(mayBe(id, change.after as StatusWord), `nobody said ${change.after} of ${id}`)
    else assert.ok(change.kind === 'changed' && change.field === 'statusNote', `a fold wrote ${JSON.stringify(change)}`)
  }
}

function fail_(): never {
  throw new Error('a board was not read')
}

/** Board, state and refs after a fold. */
function agrees({ snapshot, claims }: WholeReading): void {
  for (const { task, status, state, holder } of snapshot.views.values()) {
    const what = `${task.id}: text ${task.status}, shown ${state?.shown}, ${status} by ${holder}`
    if (task.status !== 'unknown') assert.is(state?.shown ?? 'available', task.status, what)
    for (const word of ['done', 'cancelled'] as const) assert.is(status === word, task.status === word, what)
    if (task.status === 'claimed') assert.is(status, 'claimed', what)
    const hasRoom = task.statusText !== '' || task.showsClaims === true
    if (status === 'claimed' && hasRoom) assert.is(task.status, 'claimed', what)
  }
  const orphans = new Set(snapshot.orphans.map(({ oid }) => oid))
  for (const { key, kind, oid } of claims)
    if (!orphans.has(oid)) assert.is.not(kind, 'completed', `${key} is done, and its ref is still there`)
}

async function race(day: Day, { who: by, act: personAct }: Extract<Step, { kind: 'race' }>): Promise<void> {
  const clone = day.clones[by] as Clone
  const before = (await day.one.text()) ?? ''
  const after = applyAct(before, personAct)
  const seen = await read(clone.box)
  let pushed = false
  clone.traffic.beforePush = async () => {
    clone.traffic.beforePush = undefined
    if (after !== before) {
      await day.one.edit(() => after)
      pushed = true
    }
    return undefined
  }
  const outcome = await fold(clone.box, sessions[by] as SessionName)
  clone.traffic.beforePush = undefined
  if (!pushed) return
  noteEdit(day.ledger, seen, { before, after })
  assert.is(outcome.kind, 'overtaken')
  assert.is(await day.one.text(), after, 'who is overtaken changes nothing')
}

async function revert({ one, clones, ledger }: Day): Promise<void> {
  const { last } = ledger
  if (last === undefined || (await one.text()) !== last.after) return
  const seen = await read((clones[0] as Clone).box)
  await one.edit(() => last.before)
  noteEdit(ledger, seen, { before: last.after, after: last.before })
}

async function walk(one: Fleet, path: readonly Step[]): Promise<void> {
  const clones = [await one.clone(), await one.clone(), await one.clone()]
  const day: Day = { one, clones, ledger: { completed: new Set(), last: undefined } }
  for (const step of path) {
    if (step.kind === 'wait') one.clock.advance(70 * 60_000)
    else if (step.kind === 'person') await edit(day, step.acts)
    else if (step.kind === 'pin') await one.edit((text) => `Session 1: Your next task is T3\n${text}`, { file: PINS })
    else if (step.kind === 'revert') await revert(day)
    else if (step.kind === 'fold') await foldChecked(day, step.who)
    else if (step.kind === 'race') await race(day, step)
    else if ('task' in step) await act(day, step)
    await holds(day)
  }
  await foldChecked(day, 1)
  await holds(day)
}

/** What was answered holds for every clone alike, and the board parses. */
async function holds({ one, clones, ledger }: Day): Promise<void> {
  const [first, ...others] = await Promise.all(clones.map(({ box }) => read(box)))
  for (const other of others) assert.equal(essences(other), essences(first as WholeReading))
  const words = wordsIn((await one.text()) ?? '')
  // Cancelled stands above a completion (the table: any R), until a fold has settled which of them it is.
  for (const id of ledger.completed)
    if (words.has(id) && words.get(id) !== 'cancelled')
      assert.is(first?.snapshot.views.get(keyOf(id))?.status, 'done', id)
}

function walks(kind: FleetKind, runs: number, length: number) {
  return () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(DIALECT_BOARDS)),
        fc.array(steps, { minLength: 4, maxLength: length }),
        async (dialect, path) => {
          const one = await fleet({ kind, board: DIALECT_BOARDS[dialect] ?? '', config: { maxTasks: 2 } })
          try {
            await walk(one, path)
          } catch (error) {
            // The difference that the assertion found belongs into the report.
            throw new Error(`${error}\n${(error as assert.Assertion).details ?? ''}`, { cause: error })
          } finally {
            await one.close()
          }
        },
      ),
      { ...seeded, numRuns: runs, includeErrorInReport: true },
    )
}

test(
  'no edit is lost and no status invented, in any dialect, whoever does what when',
  walks('memory', isFull ? 800 : 25, 16),
)

test('the same where an authority cannot guard the board', walks('memory-remote', isFull ? 200 : 8, 16))

test('the same on real git', walks('remote', isFull ? 20 : 2, 8))

test.run()
