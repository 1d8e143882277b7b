/** Folds on real git, and the failures that were seen with it. */
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type ObjectId, type RefName, type SessionName, splitTaskKey } from '../../src/model/index.ts'
import { parseNote } from '../../src/witness/index.ts'
import { pause } from '../../src/workflows/adjust.ts'
import { fold } from '../../src/workflows/fold.ts'
import { foldIfDue } from '../../src/workflows/fold-due.ts'
import { read } from '../../src/workflows/read.ts'
import { sync } from '../../src/workflows/sync.ts'
import { ask, claim, codeOf, done, release, settle, standing } from '../support/acts.ts'
import { boardOf, cell, claimRefOf, type Fleet, layout, names, retype, sessionRefOf } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const three = boardOf(['T1'], ['T2', 'AVAILABLE', 'T1'], ['T3'])

/** Plain git on the authority. */
function git(one: Fleet, ...args: string[]): string {
  return one.sandbox?.git('.', `--git-dir=${one.authority}`, ...args) ?? ''
}

function notesOf(one: Fleet): string[] {
  return git(one, 'log', '--format=%N%x00', `--notes=${layout.notes}`, '--show-notes', layout.board)
    .split('\0')
    .map((note) => note.trim())
    .filter((note) => note !== '')
}

for (const kind of ['local', 'remote'] as const)
  test(`git alone reads the log: one note per fold, every event in it once, on a ${kind} authority`, () =>
    on({ kind, board: three }, async (one, a) => {
      await ask(a, s1)
      await done(a, s1)
      await fold(a.box, s2)
      await ask(a, s1)
      await fold(a.box, s2)
      const notes = notesOf(one)
      assert.is(notes.length, 2)
      const folds = git(one, 'log', '--format=%H', '--author=fold@', layout.board).split('\n')
      assert.equal(git(one, `notes`, `--ref=if-witness`, 'list').split('\n').length, folds.length)
      const events = notes.flatMap((note) => note.split('\n').filter((line) => line.startsWith('{')))
      const said = events
        .map((line) => JSON.parse(line))
        .map(({ session, sequence, type }) => [session, sequence, type])
      assert.equal(said, [
        ['session-1', 3, 'if-board.claim'],
        ['session-1', 1, 'if-board.claim'],
        ['session-1', 2, 'if-board.complete'],
      ])
      const newest = parseNote(`${git(one, 'notes', '--ref=if-witness', 'show', folds[0] as string)}\n`)
      assert.is(newest?.checkpoint.board, folds[0])
      assert.is(newest?.checkpoint.fold, 2)
      const [, firstLog] = git(one, 'log', '--format=%H', layout.notes).split('\n')
      const anchors = git(
        one,
        'log',
        '--format=%(trailers:key=Witness-Before,valueonly)',
        '--author=fold@',
        layout.board,
      )
      assert.equal(anchors.split('\n').filter(Boolean), [firstLog, 'none'])
      assert.is(git(one, 'fsck', '--strict', '--no-dangling', layout.board, layout.notes), '')
    }))

test('a fold makes a new commit even where no file changes, and ends its subject for the build service', () =>
  on({ kind: 'local', board: boardOf(['T1']) }, async (one, a) => {
    await settle(a, s1)
    await ask(a, s1)
    await fold(a.box, s1)
    const before = await one.head()
    await release(a, s1)
    await ask(a, s1)
    const folded = await fold(a.box, s1)
    assert.is(folded.kind, 'folded')
    assert.is.not(await one.head(), before)
    assert.match(git(one, 'log', '-1', '--format=%s', layout.board), /\[skip ci\]$/)
    assert.is(git(one, 'log', '-1', '--format=%P', layout.board), before)
  }))

for (const kind of ['memory', 'memory-remote', 'remote'] as const)
  test(`folds at once are harmless: one lands, each event is sealed once, on ${kind}`, () =>
    on({ kind, board: three }, async (one, a, b, c) => {
      await ask(a, s1)
      await done(a, s1)
      await claim(b, s2, 'T2')
      const clones = [a, b, c]
      const outcomes = await Promise.all(clones.map((clone, at) => fold(clone.box, names(3)[at] as SessionName)))
      const landed = outcomes.filter(({ kind }) => kind === 'folded')
      assert.ok(landed.length >= 1, JSON.stringify(outcomes))
      for (const clone of clones) await settle(clone, s3)
      assert.is(cell(await one.text(), 'T1'), 'COMPLETED')
      assert.is(await standing(a), 'T1 done, T2 claimed by session-2, T3 ready')
      if (one.sandbox === undefined) return
      const events = notesOf(one).flatMap((note) => note.split('\n').filter((line) => line.startsWith('{')))
      assert.is(new Set(events.map((line) => JSON.parse(line).id)).size, events.length)
      assert.is(events.length, 3)
    }))

test('a fold that landed although its answer says otherwise counts: the head is the judge', () =>
  on({ kind: 'memory', board: three }, async (_one, a) => {
    await ask(a, s1)
    await done(a, s1)
    const { refs } = a.box
    const lying = {
      ...refs,
      moveAll: async (...args: Parameters<typeof refs.moveAll>) => {
        await refs.moveAll(...args)
        return { kind: 'busy', reason: 'who knows' } as const
      },
    }
    assert.is((await fold({ ...a.box, refs: lying }, s2)).kind, 'folded')
  }))

test('an answer of success for a fold that did not land is found out by the next: nothing is lost', () =>
  on({ kind: 'memory', board: three }, async (one, a) => {
    await ask(a, s1)
    await done(a, s1)
    a.traffic.beforePush = async () => ({ kind: 'moved' })
    await fold(a.box, s2)
    a.traffic.beforePush = undefined
    assert.ok(await one.claimOf('T1'))
    assert.is(cell(await one.text(), 'T1'), 'AVAILABLE')
  }))

test('a push that changes what a fold saw makes it give up, and the next one succeeds', () =>
  on({ kind: 'memory', board: three }, async (one, a) => {
    await ask(a, s1)
    await done(a, s1)
    a.traffic.beforePush = async () => {
      a.traffic.beforePush = undefined
      await one.edit((text) => `${text}\nA remark.\n`)
      return undefined
    }
    assert.is((await fold(a.box, s2)).kind, 'overtaken')
    assert.is((await sync(a.box, s2)).kind, 'folded')
    assert.match((await one.text()) ?? '', 'A remark.')
    assert.is(cell(await one.text(), 'T1'), 'COMPLETED')
  }))

test('a lock left on a ref to sweep does not hold the fold back; one on the board is named', () =>
  on({ kind: 'local', board: three }, async (one, a) => {
    await ask(a, s1)
    await done(a, s1)
    const lock = join(one.authority as string, `${claimRefOf('T1')}.lock`)
    await writeFile(lock, '')
    assert.is((await fold(a.box, s2)).kind, 'folded')
    assert.is(cell(await one.text(), 'T1'), 'COMPLETED')
    assert.ok(await one.claimOf('T1'))
    await ask(a, s3)
    await writeFile(join(one.authority as string, `${layout.board}.lock`), '')
    assert.is(await codeOf(fold(a.box, s2)), 'authority/locked')
  }))

test('a refused fold says so', () =>
  on({ kind: 'memory', board: three }, async (_one, a) => {
    await ask(a, s1)
    a.traffic.beforePush = async () => ({ kind: 'refused', reason: 'a hook' })
    assert.is(await codeOf(fold(a.box, s1)), 'authority/refused')
  }))

test('a server killed between the two refs is healed by the next operation of that session', () =>
  on({ kind: 'remote', board: boardOf(['T1'], ['T2']) }, async (one, a, b) => {
    await ask(a, s1)
    const chain = (await one.refs()).get(sessionRefOf('session-1')) as ObjectId
    await done(a, s1)
    // The server had moved c/ alone when it died: s/ is where it was.
    await one.force(sessionRefOf('session-1'), chain)
    assert.is(await standing(b), 'T1 done, T2 ready')
    assert.is(await ask(a, s1), 'granted T2')
    const { record } = (await read(b.box)).snapshot.sessions.get(s1) ?? {}
    assert.is(record?.last?.event.sequence, 3)
    assert.is((await fold(b.box, s2)).kind === 'folded', true)
    const events = notesOf(one).flatMap((note) => note.split('\n').filter((line) => line.startsWith('{')))
    assert.equal(
      events.map((line) => JSON.parse(line).sequence),
      [1, 2, 3],
    )
  }))

test('a server killed before it moved c/ leaves a request that nobody granted', () =>
  on({ kind: 'remote', board: boardOf(['T1']) }, async (one, a) => {
    await ask(a, s1)
    await one.force(claimRefOf('T1'), undefined)
    assert.is(await standing(a), 'T1 ready')
    assert.is(await ask(a, s2), 'granted T1')
    assert.is(await done(a, s1, 'T1'), 'lost T1 to session-2')
  }))

test('a fold whose board alone arrived is carried on by the next: state is preferred to refs', () =>
  on({ kind: 'memory', board: three }, async (one, a, b) => {
    await ask(a, s1)
    await done(a, s1)
    a.traffic.beforePush = async (moves) => {
      a.traffic.beforePush = undefined
      const [board] = moves
      await one.force(layout.board, board?.next)
      throw new Error('the server died')
    }
    await fold(a.box, s1).catch(() => undefined)
    assert.is(await standing(b), 'T1 done, T2 ready, T3 ready')
    assert.is(await done(a, s1, 'T1'), 'completed T1 by session-1')
    assert.is((await fold(b.box, s2)).kind, 'folded')
    assert.is(await one.claimOf('T1'), undefined)
    assert.is(await settle(b, s2), 0)
  }))

test('an authority that does not answer is never a free ref', () =>
  on({ kind: 'remote', board: boardOf(['T1']) }, async (one, a) => {
    await ask(a, s1)
    one.sandbox?.git('.', 'config', `--file=${a.hub?.repository.commonDir}/config`, 'remote.origin.pushurl', '/nowhere')
    const gone = `${one.authority}.gone`
    const { renameSync } = await import('node:fs')
    renameSync(one.authority as string, gone)
    assert.is(await codeOf(ask(a, s2)), 'authority/unreachable')
    assert.is(await codeOf(fold(a.box, s2)), 'authority/unreachable')
    renameSync(gone, one.authority as string)
  }))

test('the very same object pushed twice is no second win', () =>
  on({ kind: 'remote', board: boardOf(['T1']) }, async (_one, a) => {
    await ask(a, s1)
    const [moves] = a.traffic.log
    assert.is((await a.box.refs.moveAll(moves ?? [])).kind, 'stale')
  }))

test('two grants of one second differ, because every event has a nonce', () =>
  on({ kind: 'memory', board: boardOf(['T1']) }, async (one, a) => {
    await ask(a, s1)
    const first = await one.claimOf('T1')
    await one.force(claimRefOf('T1'), undefined)
    await one.force(sessionRefOf('session-1'), undefined)
    await ask(a, s1)
    assert.is.not(await one.claimOf('T1'), first)
  }))

test('a missing board stops folds, and nothing is swept', () =>
  on({ kind: 'memory', board: three }, async (one, a) => {
    await ask(a, s1)
    await one.edit(() => undefined)
    const message = await fold(a.box, s1).catch((error: Error) => error.message)
    assert.match(String(message), `gone since \`${(await one.head()).slice(0, 12)}\` by Ada Person`)
    assert.is(await codeOf(fold(a.box, s1)), 'board/missing')
    assert.ok(await one.claimOf('T1'))
  }))

test('most claimed rows gone at once stops folds; one row gone is an orphan that stays', () =>
  on({ kind: 'memory', board: three, config: { maxTasks: 9 } }, async (one, a) => {
    const wide = boardOf(['A'], ['B'], ['C'], ['D'])
    await one.edit(() => wide)
    for (const id of ['A', 'B', 'C', 'D']) await claim(a, s1, id)
    await one.edit((text) => text.replace(/^\| A .*\n/m, ''))
    await settle(a, s2)
    assert.ok(await one.claimOf('A'))
    await one.edit((text) => text.replace(/^\| [BC] .*\n/gm, ''))
    assert.is(await codeOf(fold(a.box, s1)), 'board/rows-vanished')
    for (const id of ['A', 'B', 'C', 'D']) assert.ok(await one.claimOf(id), id)
  }))

test('a fold is due when a completion was first seen long enough ago, and folds once', () =>
  on({ kind: 'memory', board: three }, async (one, a) => {
    await ask(a, s1)
    await done(a, s1)
    await read(a.box)
    await foldIfDue(a.box, s1)
    assert.is(cell(await one.text(), 'T1'), 'AVAILABLE')
    one.clock.advance(8_000)
    await read(a.box)
    await foldIfDue(a.box, s1)
    await settle(a, s1)
    assert.is(cell(await one.text(), 'T1'), 'COMPLETED')
  }))

test('a fold that fails on the way out of a command is nobody’s error', () =>
  on({ kind: 'memory', board: three }, async (one, a) => {
    await ask(a, s1)
    await done(a, s1)
    await read(a.box)
    one.clock.advance(60_000)
    a.traffic.beforePush = async () => {
      throw new Error('no answer')
    }
    await foldIfDue(a.box, s1)
  }))

test('stale words alone make no fold, and are brought in line by one that happens anyway', () =>
  on({ kind: 'memory', board: boardOf(['T1'], ['T2', 'BLOCKED', 'T1'], ['T3', 'AVAILABLE', 'T1']) }, async (one, a) => {
    const state = '{"failures":0,"grants":0,"key":"TASK-BOARD.md:T2","shown":"blocked"}\n'
    const shard = a.box.sha256('TASK-BOARD.md:T2').slice(0, 2)
    await one.edit(() => state, { file: `.if-board/state/${shard}` })
    await settle(a, s1)
    assert.is(await settle(a, s1), 0)
    await ask(a, s1)
    await done(a, s1)
    await fold(a.box, s1)
    assert.is(cell(await one.text(), 'T2'), 'AVAILABLE')
    assert.is(await standing(a), 'T1 done, T2 ready, T3 ready')
  }))

test('a checklist board settles without a fold that never ends', () =>
  on({ kind: 'memory', board: '# Board\n\n- [ ] T1: first\n- [ ] T2: second (depends on T1)\n' }, async (one, a) => {
    const [first] = [...(await read(a.box)).snapshot.views.values()]
    assert.ok(first)
    await claim(a, s1, first.task.id)
    await settle(a, s1)
    one.clock.advance(600_000)
    await read(a.box)
    const before = await one.head()
    await foldIfDue(a.box, s1)
    assert.is(await settle(a, s1), 0)
    assert.is(await one.head(), before)
    await done(a, s1)
    await settle(a, s1)
    assert.match((await one.text()) ?? '', '- [x] T1')
    assert.is(await one.claimOf(splitTaskKey(first.task.key).id), undefined)
  }))

test('what a person paused with words of their own is left in their words', () =>
  on({ kind: 'memory', board: three }, async (one, a) => {
    await pause(a.box, { target: 'T1', reason: 'holidays', now: false, author: s1 })
    const before = await one.text()
    await settle(a, s1)
    assert.is(await one.text(), before)
    assert.is(await standing(a), 'T1 paused, T2 blocked, T3 ready')
  }))

const corpus = new URL('../../../shared/corpus/s2-PHASE-0-TASK-BOARD.md', import.meta.url)
if (existsSync(corpus)) {
  test('completing P0.1.1 of the seven-session board changes one line, and of it one cell', () =>
    on({ kind: 'memory', board: readFileSync(corpus, 'utf8') }, async (one, a) => {
      const before = ((await one.text()) ?? '').split('\n')
      await claim(a, s1, 'P0.1.1')
      await done(a, s1)
      await fold(a.box, s1)
      const after = ((await one.text()) ?? '').split('\n')
      assert.is(after.length, before.length)
      const changed = after.filter((line, at) => line !== before[at])
      assert.is(changed.length, 1)
      const old = before[after.indexOf(changed[0] as string)]?.split('|') ?? []
      assert.is(changed[0]?.split('|').filter((part, at) => part !== old[at]).length, 1)
      assert.match(changed[0] ?? '', 'COMPLETED')
    }))
} else console.log('skip: the real boards are not beside this repository')

test('swept refs go a hundred at a time', () =>
  on(
    {
      kind: 'memory',
      board: boardOf(...Array.from({ length: 104 }, (_, at) => [`T${at}`] as const)),
      config: { maxTasks: 200 },
    },
    async (one, a) => {
      for (let at = 0; at < 104; at += 1) {
        await claim(a, s1, `T${at}`)
        await done(a, s1, `T${at}`)
      }
      const folded = await fold(a.box, s1)
      assert.is(folded.kind === 'folded' && folded.swept, 100)
      assert.is((await sync(a.box, s1)).kind, 'folded')
      const left = [...(await one.refs()).keys()].filter((ref: RefName) => ref.startsWith(layout.claims))
      assert.equal(left, [])
      assert.is(cell(await one.text(), 'T103'), 'COMPLETED')
    },
  ))

test('a chain goes on from its seal where its ref was swept, and no event is sealed twice', () =>
  on({ kind: 'memory', board: boardOf(['T1'], ['T2']) }, async (one, a) => {
    await ask(a, s1)
    await done(a, s1)
    await settle(a, s2)
    await one.force(sessionRefOf('session-1'), undefined)
    assert.is(await ask(a, s1), 'granted T2')
    const { record } = (await read(a.box)).snapshot.sessions.get(s1) ?? {}
    assert.is(record?.last?.event.sequence, 3)
    const folded = await fold(a.box, s2)
    assert.is(folded.kind === 'folded' && folded.events, 1)
  }))

test('a word that a person typed is done or not done for everybody: retyping is the way back', () =>
  on({ kind: 'memory', board: three }, async (one, a) => {
    for (const [word, expected] of [
      ['COMPLETED', 'T1 done, T2 ready'],
      ['AVAILABLE', 'T1 ready, T2 blocked'],
      ['CLAIMED', 'T1 claimed by person, T2 blocked'],
      ['ON HOLD', 'T1 paused, T2 blocked'],
      ['AVAILABLE', 'T1 ready, T2 blocked'],
    ] as const) {
      await one.edit(retype('T1', word))
      assert.is((await standing(a)).replace(', T3 ready', ''), expected)
      await settle(a, s1)
      assert.is((await standing(a)).replace(', T3 ready', ''), expected)
    }
  }))

test.run()
