/** What people changed, as the seal of the next fold records it: by commit and author, field by field, on real git. */
import { writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import { type BoardRecord, parseNotesMessage } from '../../src/witness/index.ts'
import { readCommit } from '../../src/workflows/branch-tree.ts'
import { fold } from '../../src/workflows/fold.ts'
import { claim } from '../support/acts.ts'
import { BOARD, boardOf, type Clone, type Fleet, names, retype } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [s1, s2] = names(2) as [SessionName, SessionName]
const board = boardOf(['T1'], ['T2', 'AVAILABLE', 'T1'], ['T3'], ['T4'])

/** Claim, so that a fold is due, and fold: its records. */
async function sealed(one: Fleet, clone: Clone, task: string): Promise<readonly BoardRecord[]> {
  await claim(clone, s1, task)
  assert.is((await fold(clone.box, s2)).kind, 'folded')
  const notes = (await one.refs()).get(one.layout.notes)
  assert.ok(notes !== undefined)
  const { message } = await readCommit(clone.box.objects, notes)
  return parseNotesMessage(message)?.checkpoint.records ?? []
}

function words(records: readonly BoardRecord[]): string[] {
  return records.flatMap(({ kind, author, changes, more }) => [
    ...changes.map(
      ({ key, field, from, to }) => `${kind} by ${author}: ${key.split(':')[1]} ${field} ${from ?? '-'} → ${to ?? '-'}`,
    ),
    ...(more === undefined ? [] : [`${kind} by ${author}: ${more} more`]),
  ])
}

const insert = (row: string) => (text: string) => `${text}${row}\n`

test('every field that a person changed is sealed with its author, and no write of a fold', () =>
  on({ kind: 'local', board, config: { maxTasks: 9 } }, async (one, a) => {
    await sealed(one, a, 'T1')
    await one.edit((text) => text.replace('Do T3', 'Do it well'), { by: 'Ada Person' })
    await one.edit((text) => retype('T2', 'PAUSED')(text).replace('| T1 |\n', '| T3 |\n'), { by: 'Ben Person' })
    await one.edit((text) => insert('| T5 | Do T5 | AVAILABLE | None |')(text).replace(/\| T4 .*\n/, ''), {
      by: 'Cy Person',
    })
    assert.equal(words(await sealed(one, a, 'T3')), [
      'edit by Ada Person: T3 title Do T3 → Do it well',
      'edit by Ben Person: T2 status available → paused',
      'edit by Ben Person: T2 dependencies T1 → T3',
      'edit by Cy Person: T5 task - → Do T5',
      'edit by Cy Person: T4 task Do T4 → -',
      'fold by session-2: T3 status available → claimed',
    ])
    assert.equal(words(await sealed(one, a, 'T5')), ['fold by session-2: T5 status available → claimed'])
  }))

test('over a merge the whole way is one difference, of the newest commit that touched a board', () =>
  on({ kind: 'local', board, config: { maxTasks: 9 } }, async (one, a) => {
    await sealed(one, a, 'T1')
    const { sandbox, authority } = one
    assert.ok(sandbox !== undefined && authority !== undefined)
    const git = (...args: string[]) => sandbox.git('person', ...args)
    git('fetch', '--quiet', authority, 'if-board/main')
    git('reset', '--quiet', '--hard', 'FETCH_HEAD')
    const edit = async (branch: string, from: string, to: string) => {
      git('checkout', '--quiet', '-b', branch, 'FETCH_HEAD')
      writeFileSync(sandbox.path('person', BOARD), ((await one.text()) ?? '').replace(from, to))
      git('commit', '--quiet', '--all', '--author=Ada Person <ada@example.invalid>', `--message=${branch}`)
    }
    await edit('left', '| T4 | Do T4 |', '| T4 | Do T4 well |')
    await edit('right', '| T1 | Do T1 |', '| T1 | Do T1 well |')
    git('merge', '--quiet', '--no-edit', 'left')
    git('push', '--quiet', authority, 'right:if-board/main')
    const records = words(await sealed(one, a, 'T3')).map((line) => line.replace(/^edit by .*?:/, 'edit:'))
    assert.equal(records, [
      'edit: T1 title Do T1 → Do T1 well',
      'edit: T4 title Do T4 → Do T4 well',
      'fold by session-2: T3 status available → claimed',
    ])
  }))

test('what is beyond 200 changes is counted, and a long value is cut', () =>
  on({ kind: 'memory', board, config: { maxTasks: 9 } }, async (one, a) => {
    await sealed(one, a, 'T1')
    const rows = Array.from({ length: 250 }, (_, at) => `| N${at} | ${'long '.repeat(100)} | AVAILABLE | None |`)
    await one.edit(insert(rows.join('\n')))
    const records = await sealed(one, a, 'T3')
    const edit = records.find(({ kind }) => kind === 'edit')
    assert.equal([edit?.changes.length, edit?.more], [200, 50])
    assert.ok(edit?.changes.every(({ to = '' }) => to.length <= 200))
  }))

test('commits that change no board are recorded without changes', () =>
  on({ kind: 'memory', board, config: { maxTasks: 9 } }, async (one, a) => {
    await sealed(one, a, 'T1')
    await one.edit(() => 'words\n', { file: 'notes.txt' })
    const records = await sealed(one, a, 'T3')
    assert.equal(
      records.map(({ kind, changes }) => [kind, changes.length]),
      [
        ['edit', 0],
        ['fold', 1],
      ],
    )
  }))

test.run()
