/** Random days: sessions, people and folds in any order; what must hold after every step. */
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { IfBoardError, type SessionName } from '../../src/model/index.ts'
import type { TaskView } from '../../src/projection/index.ts'
import { fold } from '../../src/workflows/fold.ts'
import { read } from '../../src/workflows/read.ts'
import { sync } from '../../src/workflows/sync.ts'
import { ask, claim, done, fail, release } from '../support/acts.ts'
import { isFull, seeded } from '../support/claims.ts'
import { boardOf, type Clone, type Fleet, type FleetKind, fleet, names, retype } from '../support/fleet.ts'

const sessions = names(3)
const ids = ['T1', 'T2', 'T3']
const words = [
  ...['AVAILABLE', 'AVAILABLE', 'AVAILABLE', 'COMPLETED', 'CLAIMED', 'PAUSED'],
  ...['BLOCKED', 'CANCELLED', 'REVIEW', 'PERHAPS', ''],
]

type Step =
  | { readonly kind: 'ask' | 'claim' | 'done' | 'fail' | 'release'; readonly who: number; readonly task: number }
  | { readonly kind: 'type'; readonly task: number; readonly word: string }
  | { readonly kind: 'fold' | 'fold without sweeping' | 'wait' }

const numbers = { who: fc.nat({ max: 2 }), task: fc.nat({ max: 2 }) }
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('ask', 'claim', 'done', 'done', 'fail', 'release'), ...numbers }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('type'), task: numbers.task, word: fc.constantFrom(...words) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('fold', 'fold without sweeping', 'wait') }) },
) as fc.Arbitrary<Step>

/** Everything about a task that a fold must not change. */
function essence({ task, status, holder, judgement }: TaskView): string {
  const { kind } = judgement.standing
  const settledBy = kind === 'completed' ? 'session' : kind === 'settled-by-person' ? 'person' : ''
  return `${task.id} ${status} ${holder ?? ''} ${settledBy}`.trim()
}

async function essences(clone: Clone): Promise<string[]> {
  return [...(await read(clone.box)).snapshot.views.values()].map(essence)
}

async function act(clone: Clone, step: Extract<Step, { who: number }>): Promise<void> {
  const session = sessions[step.who] as SessionName
  const task = ids[step.task] as string
  const acts = {
    ask: () => ask(clone, session),
    claim: () => claim(clone, session, task),
    done: () => done(clone, session, task),
    fail: () => fail(clone, session, task),
    release: () => release(clone, session, task),
  }
  try {
    await acts[step.kind]()
  } catch (error) {
    // What the session does not hold, it cannot end.
    if (!(error instanceof IfBoardError) || error.code !== 'claim/none-held') throw error
  }
}

async function foldChecked(clone: Clone, step: Step): Promise<void> {
  const before = await essences(clone)
  const { refs } = clone.box
  const withoutSweeping = {
    ...refs,
    moveAll: (moves: Parameters<typeof refs.moveAll>[0]) =>
      refs.moveAll(moves.filter(({ next }) => next !== undefined)),
  }
  const box = step.kind === 'fold' ? clone.box : { ...clone.box, refs: withoutSweeping }
  const outcome = await fold(box, sessions[0] as SessionName)
  assert.is.not(outcome.kind, 'overtaken')
  assert.equal(await essences(clone), before, 'a fold says what was true before it')
  if (step.kind === 'fold') assert.is((await fold(clone.box, sessions[0] as SessionName)).kind, 'nothing')
}

async function walk(one: Fleet, path: readonly Step[]): Promise<void> {
  const clones = [await one.clone(), await one.clone(), await one.clone()]
  const observer = clones[0] as Clone
  let typed = new Set<number>()
  let before = await essences(observer)
  const grants = new Map<string, number>()
  for (const step of path) {
    typed = new Set()
    if (step.kind === 'wait') one.clock.advance(20 * 60_000)
    else if (step.kind === 'type') {
      await one.edit(retype(ids[step.task] as string, step.word))
      typed.add(step.task)
    } else if ('who' in step) await act(clones[step.who] as Clone, step)
    else await foldChecked(observer, step)
    const after = await essences(observer)
    // T2 depends on T1, so only the task itself and what waits for it may change by an edit.
    for (const [at, was] of before.entries())
      if (/ done /.test(`${was} `) && !typed.has(at))
        assert.match(`${after[at]} `, / done /, `${was}, then ${after[at]}`)
    await checkEpochs(observer, grants)
    before = after
  }
  await sync(observer.box, sessions[0] as SessionName)
  assert.equal(await essences(observer), before)
}

/** Epochs only grow, over releases, sweeps and reopenings. */
async function checkEpochs({ box }: Clone, grants: Map<string, number>): Promise<void> {
  const { claims } = await read(box)
  for (const { key, epoch, kind } of claims) {
    assert.ok(epoch >= (grants.get(key) ?? 0), `${key} ${kind} ${epoch} after ${grants.get(key)}`)
    grants.set(key, epoch)
  }
}

function walks(kind: FleetKind, { runs, length }: { runs: number; length: number }, doneWhen: 'reported' | 'merged') {
  return () =>
    fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 3, maxLength: length }), async (path) => {
        const board = boardOf(['T1'], ['T2', 'BLOCKED', 'T1'], ['T3'])
        const one = await fleet({ kind, board, config: { maxTasks: 2, doneWhen, baseBranch: 'main' } })
        try {
          await walk(one, path)
        } finally {
          await one.close()
        }
      }),
      { ...seeded, numRuns: isFull ? runs * 10 : runs },
    )
}

test('whatever happened, a fold changes nothing but what is written, and done stays done', () =>
  walks('memory', { runs: 25, length: 14 }, 'reported')())

test('the same where completions wait for their merge', () => walks('memory', { runs: 10, length: 14 }, 'merged')())

test('the same where an authority cannot guard the board', () =>
  walks('memory-remote', { runs: 10, length: 14 }, 'reported')())

test('the same on real git', walks('local', { runs: 1, length: 8 }, 'reported'))

test.run()
