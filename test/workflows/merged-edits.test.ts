/** A person who merges: what folds wrote meanwhile is nobody's edit, and no edit is left out. */
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import { fold } from '../../src/workflows/fold.ts'
import { claim, done } from '../support/acts.ts'
import { BOARD, type Clone, type Fleet, names } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'
import { KILLED, killInNextPush, loseFolder } from '../support/tear.ts'
import { notesOf } from '../support/witnessed.ts'

const [s1, folder] = names(2) as [SessionName, SessionName]
/** Far apart, so that git joins edits of two rows by itself. */
const sections = ['T1', 'T2', 'T3', 'T4'].map(
  (id) =>
    `## Section ${id}\n\n| ID | Task | Status | Dependencies |\n|---|---|---|---|\n| ${id} | Do ${id} | AVAILABLE | None |\n`,
)
const board = ['# Board', ...sections].join('\n\ntext\n\ntext\n\ntext\n\n')

/** What the log says was changed on the board, and by whom. */
async function recorded(clone: Clone): Promise<string[]> {
  const records = (await notesOf(clone)).flatMap(({ checkpoint }) => checkpoint.records)
  return records.flatMap(({ kind, author, changes }) =>
    changes.map(({ key, field, from, to }) => {
      const what = `${key.split(':')[1]} ${field} ${from ?? '-'} → ${to ?? '-'}`
      return kind === 'fold' ? `fold: ${what}` : `${author}: ${what}`
    }),
  )
}

/** Bob's clone, with an edit that he has not pushed. What is new behind a merge is put down to who merged. */
async function editAtBobs({ sandbox, authority = '' }: Fleet): Promise<{ readonly merge: () => void }> {
  const git = (...args: string[]) => sandbox?.git('bob', ...args)
  await sandbox?.repository('bob', authority)
  git('fetch', '--quiet', authority, 'if-board/main')
  git('checkout', '--quiet', '-b', 'board', 'FETCH_HEAD')
  const file = sandbox?.path('bob', BOARD) ?? ''
  await writeFile(file, (await readFile(file, 'utf8')).replace('Do T4', 'Do T4 better'))
  git('commit', '--quiet', '--all', '--message=Edit')
  return {
    merge() {
      git('fetch', '--quiet', authority, 'if-board/main')
      git('merge', '--quiet', '--no-edit', 'FETCH_HEAD')
      git('push', '--quiet', authority, 'HEAD:if-board/main')
    },
  }
}

for (const isLost of [false, true])
  test(`who merges is not said to have done what folds did, and each edit is recorded once (note ${isLost ? 'lost' : 'kept'})`, () =>
    on({ kind: 'local', board }, async (one, a) => {
      await claim(a, s1, 'T1')
      await fold(a.box, folder)
      const bob = await editAtBobs(one)
      await one.edit((text) => text.replace('Do T3', 'Do T3 twice'), { by: 'Eve' })
      await done(a, s1)
      if (isLost) killInNextPush(one, a, (moves) => moves.slice(0, 1))
      await fold(a.box, folder).catch((error) => {
        if (error.message !== KILLED) throw error
      })
      if (isLost) await loseFolder(a)
      await one.edit((text) => text.replace('Do T2', 'Do T2 well'), { by: 'Ada' })
      bob.merge()
      await fold(a.box, folder)
      assert.equal(
        (await recorded(a)).sort(),
        [
          'Test: T2 title Do T2 → Do T2 well',
          'Test: T4 title Do T4 → Do T4 better',
          'Eve: T3 title Do T3 → Do T3 twice',
          ...(isLost ? [] : ['fold: T1 status claimed → done']),
          'fold: T1 status available → claimed',
        ].sort(),
      )
    }))

test.run()
