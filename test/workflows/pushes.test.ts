/** However a person's edit came to the branch, the very next `next` goes by it: rows, names, dependencies, pins. */
import { writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import { next } from '../../src/workflows/next.ts'
import { ask, release, standing } from '../support/acts.ts'
import { BOARD, boardOf, type Fleet, names } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [s1, s2] = names(2) as [SessionName, SessionName]
const BRANCH = 'if-board/main'
const before = boardOf(['T1'], ['T2'], ['T3'], ['T4'])
/** T1 has another title, T2 is gone, T3 waits for T5, which is new, and T4 stands first. */
const after = boardOf(['T4'], ['T1'], ['T3', 'AVAILABLE', 'T5'], ['T5']).replace('Do T1', 'Do T1 well')

interface Person {
  git(...args: string[]): string
  /** The edit as one commit, on whatever is checked out. */
  commit(): void
  push(): void
}

function person({ sandbox, authority }: Fleet): Person {
  if (sandbox === undefined || authority === undefined) throw new Error('real git alone')
  sandbox.git('.', 'clone', '--quiet', '--single-branch', '--branch', BRANCH, authority, 'desk')
  const git = (...args: string[]) =>
    sandbox.git('desk', '-c', 'user.name=Ada', '-c', 'user.email=ada@example.invalid', ...args)
  const put = (file: string, text: string) => {
    writeFileSync(sandbox.path('desk', file), text)
    git('add', file)
  }
  return {
    git,
    commit() {
      put(BOARD, after)
      git('commit', '--quiet', '--message=Rows')
      put('AUTONOMOUS-NEXT-TASKS.md', 'Session 2: Your next task is T5\n')
      git('commit', '--quiet', '--message=Pin')
    },
    push: () => void git('push', '--quiet', 'origin', `HEAD:${BRANCH}`),
  }
}

const PUSHES: Readonly<Record<string, (one: Person, fleet: Fleet) => Promise<void> | void>> = {
  'commits over a clone of the branch': (one) => {
    one.commit()
    one.push()
  },
  'a merge commit of a side branch': (one) => {
    one.git('checkout', '--quiet', '-b', 'side')
    one.commit()
    one.git('checkout', '--quiet', BRANCH)
    one.git('merge', '--quiet', '--no-ff', '--no-edit', 'side')
    one.push()
  },
  'a squash of a side branch': (one) => {
    one.git('checkout', '--quiet', '-b', 'side')
    one.commit()
    one.git('checkout', '--quiet', BRANCH)
    one.git('merge', '--quiet', '--squash', 'side')
    one.git('commit', '--quiet', '--message=Squash')
    one.push()
  },
  'a revert of a revert': (one) => {
    one.commit()
    one.git('revert', '--no-edit', 'HEAD', 'HEAD~1')
    one.push()
    one.git('revert', '--no-edit', 'HEAD', 'HEAD~1')
    one.push()
  },
  'a rebase over what others pushed': async (one, fleet) => {
    one.commit()
    await fleet.edit(() => 'words\n', { file: 'notes.txt' })
    one.git('pull', '--quiet', '--rebase', 'origin', BRANCH)
    one.push()
  },
}

for (const [how, bring] of Object.entries(PUSHES))
  test(`${how}: counts at the next question, and who holds a task is told`, () =>
    on(
      before,
      async (one, a, b) => {
        assert.is(await ask(a, s1), 'granted T1')
        assert.is(await ask(b, s2), 'granted T2')
        assert.is(await release(b, s2), 'released T2')
        assert.is(await ask(a, s1), 'held T1')
        await bring(person(one), one)
        const held = await next(a.box, { session: s1 })
        assert.equal(held.kind === 'held' ? held.card.changes : held.kind, ['title: Do T1 → Do T1 well'])
        assert.is(await ask(b, s2), 'granted T5')
        assert.is(await standing(b), 'T4 ready, T1 claimed by session-1, T3 blocked, T5 claimed by session-2')
      },
      'remote',
    ))

test('a plain revert brings rows and dependencies back at the next question', () =>
  on(
    before,
    async (one, a, b) => {
      const desk = person(one)
      desk.commit()
      desk.push()
      assert.is(await ask(b, s2), 'granted T5')
      assert.is(await release(b, s2), 'released T5')
      desk.git('revert', '--no-edit', 'HEAD', 'HEAD~1')
      desk.push()
      assert.match(await standing(a), /^T1 ready, T2 ready, T3 ready, T4 ready/)
      assert.match(await ask(b, s2), /^granted T[1-4]$/)
    },
    'remote',
  ))

test.run()
