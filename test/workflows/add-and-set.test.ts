/** `add`, `set` and `reopen` on real git: what lands on the branch, and what that does to claims. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { IfBoardError, SessionName } from '../../src/model/index.ts'
import { type AddTaskRequest, addTask } from '../../src/workflows/add-task.ts'
import { fold } from '../../src/workflows/fold.ts'
import { read } from '../../src/workflows/read.ts'
import { reopen, type SetOutcome, setTask } from '../../src/workflows/set-task.ts'
import { claim, done } from '../support/acts.ts'
import { BOARD, boardOf, type Clone, cell, type Fleet, type FleetKind, fleet, names } from '../support/fleet.ts'
import { loseAnswer } from '../support/tear.ts'

const [s1, s2] = names(2) as [SessionName, SessionName]
const AUTHOR = 'ada'

async function on(kind: FleetKind, board: string, work: (fleet: Fleet, a: Clone, b: Clone) => Promise<void>) {
  const world = await fleet({ kind, board })
  try {
    await work(world, await world.clone(), await world.clone())
  } finally {
    await world.close()
  }
}

function add(clone: Clone, title: string, more: Partial<AddTaskRequest> = {}) {
  const nothing = { board: undefined, after: undefined, under: undefined, id: undefined, values: new Map() }
  return addTask(clone.box, { ...nothing, title, author: AUTHOR, ...more })
}

const set = (clone: Clone, task: string, field: string, value: string) =>
  setTask(clone.box, { task, field, value, author: AUTHOR })
const open = (clone: Clone, task: string) => reopen(clone.box, { task, reason: undefined, author: AUTHOR })

async function errorOf(work: Promise<unknown>): Promise<IfBoardError> {
  try {
    await work
  } catch (error) {
    return error as IfBoardError
  }
  return assert.unreachable('nothing was refused') as never
}

function brief({ kind, task, told, revoked, waitAgain }: SetOutcome): unknown[] {
  return [kind, task.status, told, revoked, waitAgain.length]
}

test('a task whose push landed and whose answer was lost is there once, and a word that was set is set', () =>
  on('remote', boardOf(['T1']), async (world, a) => {
    loseAnswer(a)
    await add(a, 'Write the manual')
    assert.is((await world.text())?.split('Write the manual').length, 2)
    loseAnswer(a)
    assert.is((await set(a, 'T1', 'status', 'PAUSED')).kind, 'set')
  }))

for (const kind of ['local', 'remote'] as const) {
  test(`a task that is added can be claimed at once, and is a commit of its author (${kind})`, () =>
    on(kind, boardOf(['T1'], ['T2']), async (world, a, b) => {
      const values = new Map([['dependencies', 'T1']] as const)
      const { task } = await add(a, 'Write the manual', { values })
      assert.equal([task.id, task.status, task.blockedBy, task.line], ['T3', 'blocked', ['T1'], 7])
      assert.match((await world.text()) ?? '', '| T3 | Write the manual | AVAILABLE | T1 |')
      assert.is(await claim(b, s1, 'T1'), 'granted T1')
      assert.is(await done(b, s1), 'completed T1')
      assert.is(await claim(b, s2, 'T3'), 'granted T3')
      assert.ok((await fold(a.box, s1)).kind)
    }))

  test(`of two that add at the same moment both land, under ids of their own (${kind})`, () =>
    on(kind, boardOf(['T1']), async (world, a, b) => {
      const added = await Promise.all([add(a, 'One'), add(b, 'Two'), add(a, 'Three'), add(b, 'Four')])
      assert.equal(added.map(({ task }) => task.id).sort(), ['T2', 'T3', 'T4', 'T5'])
      for (const title of ['One', 'Two', 'Three', 'Four']) assert.match((await world.text()) ?? '', `| ${title} |`)
    }))

  test(`an add and a fold that meet both land (${kind})`, () =>
    on(kind, boardOf(['T1'], ['T2']), async (world, a, b) => {
      await claim(a, s1, 'T1')
      await done(a, s1)
      const [{ task }] = await Promise.all([add(b, 'Write the manual'), fold(a.box, s1)])
      await fold(a.box, s1)
      assert.is(task.id, 'T3')
      assert.is(cell(await world.text(), 'T1'), 'COMPLETED')
      assert.match((await world.text()) ?? '', '| T3 | Write the manual |')
    }))
}

test('an id is never given twice, also when its row is gone', () =>
  on('memory', boardOf(['T1'], ['T2', 'AVAILABLE', 'T9']), async (world, a) => {
    await add(a, 'Third', { id: 'T8' })
    await claim(a, s1, 'T8')
    await done(a, s1)
    await fold(a.box, s1)
    await world.edit((text) => text.replace(/\| T8 .*\n/, ''))
    await fold(a.box, s1)
    assert.is((await errorOf(add(a, 'Again', { id: 'T8' }))).code, 'task/exists')
    // T9 is waited for, so it is given by name alone.
    assert.is((await add(a, 'Next', { after: 'T1' })).task.id, 'T3')
    assert.is((await add(a, 'Named', { id: 'T9' })).task.id, 'T9')
  }))

test('tasks that would wait for each other are refused, and those of before are not blamed', () =>
  on('memory', boardOf(['T1', 'AVAILABLE', 'T2'], ['T2'], ['T3', '', 'T4'], ['T4', '', 'T3']), async (world, a) => {
    const before = await world.text()
    const error = await errorOf(set(a, 'T2', 'dependencies', 'T1'))
    assert.is(error.code, 'task/cycle')
    assert.match(error.message, '`T1` → `T2` → `T1`')
    assert.is(await world.text(), before)
    assert.is((await set(a, 'T1', 'title', 'Dig')).kind, 'set')
  }))

test('several boards, and none named: the question comes back with their names', async () => {
  const files = { 'boards/web.md': boardOf(['W1']) }
  const world = await fleet({
    kind: 'memory',
    board: boardOf(['T1']),
    files,
    config: { boards: [BOARD, 'boards/*.md'] },
  })
  try {
    const a = await world.clone()
    const error = await errorOf(add(a, 'New'))
    assert.is(error.code, 'usage/invalid')
    assert.match(error.hint ?? '', 'boards/web.md')
    assert.is((await add(a, 'New', { board: 'web' })).task.key, 'boards/web.md:W2')
    assert.is((await add(a, 'New', { after: 'T1' })).task.key, `${BOARD}:T2`)
    assert.is((await errorOf(add(a, 'New', { after: 'T1', board: 'web' }))).code, 'usage/invalid')
    assert.is((await errorOf(add(a, 'New', { board: 'shop' }))).code, 'usage/invalid')
  } finally {
    await world.close()
  }
})

test('who holds a task is told of a change, and of the same value again nobody hears', () =>
  on('memory', boardOf(['T1']), async (world, a, b) => {
    await claim(b, s1, 'T1')
    assert.equal(brief(await set(a, 'T1', 'Est', '2h')), ['set', 'claimed', s1, undefined, 0])
    const head = await world.head()
    assert.equal(brief(await set(a, 'T1', 'estimate', '2h')), ['unchanged', 'claimed', s1, undefined, 0])
    assert.is(await world.head(), head)
    assert.is((await errorOf(set(a, 'T1', 'colour', 'red'))).code, 'usage/invalid')
  }))

for (const folded of ['before the fold', 'after it'] as const)
  test(`reopen makes a finished task open again, and names who waits for it again: ${folded}`, () =>
    on('memory', boardOf(['T1'], ['T2', 'AVAILABLE', 'T1']), async (world, a, b) => {
      await claim(b, s1, 'T1')
      await done(b, s1)
      if (folded === 'before the fold') {
        const error = await errorOf(open(a, 'T1'))
        assert.is(error.code, 'task/no-effect')
        assert.match(error.message, 'session-1 completed it')
        assert.match(error.hint ?? '', 'if-board sync')
        return
      }
      await fold(a.box, s1)
      assert.equal(brief(await open(a, 'T1')), ['reopened', 'ready', undefined, undefined, 1])
      assert.is(cell(await world.text(), 'T1'), 'AVAILABLE')
      await fold(a.box, s1)
      assert.is(await claim(b, s2, 'T1'), 'granted T1')
    }))

test('reopen takes back a claim that the board shows, and refuses one that it does not', () =>
  on('memory', boardOf(['T1']), async (_world, a, b) => {
    await claim(b, s1, 'T1')
    const error = await errorOf(open(a, 'T1'))
    assert.is(error.code, 'task/no-effect')
    assert.match(error.hint ?? '', 'if-board release T1 --of session-1')
    await fold(a.box, s1)
    assert.equal(brief(await open(a, 'T1')), ['reopened', 'ready', undefined, s1, 0])
    assert.match(await done(b, s1, 'T1'), /^lost T1/)
  }))

test('an open task stays as it is, and a task set aside goes on with whoever holds it', () =>
  on('memory', boardOf(['T1'], ['T2']), async (_world, a, b) => {
    assert.equal(brief(await open(a, 'T2')), ['unchanged', 'ready', undefined, undefined, 0])
    await claim(b, s1, 'T1')
    await fold(a.box, s1)
    assert.equal(brief(await set(a, 'T1', 'status', 'paused (no wind)')), ['set', 'paused', s1, undefined, 0])
    await fold(a.box, s1)
    assert.equal(brief(await open(a, 'T1')), ['reopened', 'claimed', s1, undefined, 0])
    assert.is(await done(b, s1, 'T1'), 'completed T1')
  }))

test('a status is typed in the words of the board or of everybody, and does what a person’s edit does', () =>
  on('memory', boardOf(['T1'], ['T2', 'AVAILABLE', 'T1'], ['T3'], ['T4'], ['T5']), async (world, a, b) => {
    await claim(b, s1, 'T1')
    await fold(a.box, s1)
    assert.equal(brief(await set(a, 'T1', 'status', 'done')), ['set', 'done', undefined, s1, 0])
    assert.is(await done(b, s1, 'T1'), `already-settled T1 by ${AUTHOR}`)
    assert.equal(brief(await set(a, 'T3', 'status', 'in progress')).slice(0, 2), ['set', 'claimed'])
    assert.is(cell(await world.text(), 'T3'), 'CLAIMED (ada)')
    assert.equal(brief(await set(a, 'T4', 'status', 'won’t do')).slice(0, 2), ['set', 'cancelled'])
    assert.equal(brief(await set(a, 'T5', 'status', 'on hold')).slice(0, 2), ['set', 'paused'])
    assert.is((await errorOf(set(a, 'T5', 'status', 'purple'))).code, 'usage/invalid')
    const { snapshot } = await read(a.box)
    assert.equal(
      [...snapshot.views.values()].map(({ status }) => status),
      ['done', 'ready', 'claimed', 'cancelled', 'paused'],
    )
  }))

test('a list item is set aside by a note behind its title, which goes with the pause', () =>
  on('memory', '# Plan\n\n- [ ] T1: Dig\n- [x] T2: Fill\n', async (world, a) => {
    assert.equal(brief(await set(a, 'T1', 'status', 'paused (no spade)')).slice(0, 2), ['set', 'paused'])
    assert.is(await world.text(), '# Plan\n\n- [ ] T1: Dig (paused: no spade)\n- [x] T2: Fill\n')
    assert.equal(brief(await open(a, 'T2')).slice(0, 2), ['reopened', 'ready'])
    assert.equal(brief(await set(a, 'T1', 'status', 'done')).slice(0, 2), ['set', 'done'])
    assert.is(await world.text(), '# Plan\n\n- [x] T1: Dig\n- [ ] T2: Fill\n')
  }))

test('where each task is a file, a new one is a file beside its neighbour, in the numbering of all', async () => {
  const file = (id: string) => `---\nid: ${id}\ntitle: Do it\nstatus: To Do\n---\n`
  const world = await fleet({
    kind: 'memory',
    board: boardOf(['T1']),
    files: { 'tasks/task-1 - Do-it.md': file('task-1'), 'tasks/task-2 - Do-it.md': file('task-2') },
    config: { boards: [BOARD, 'tasks/*.md'] },
  })
  try {
    const a = await world.clone()
    const values = new Map([
      ['owner', '@ann'],
      ['dependencies', 'task-1, task-2'],
    ] as const)
    const { task } = await add(a, 'Bake: the "dark" bread', { after: 'task-1', values })
    assert.equal(
      [task.key, task.title, task.blockedBy],
      ['tasks/task-3 - Bake-the-dark-bread.md:task-3', 'Bake: the "dark" bread', ['task-1', 'task-2']],
    )
    assert.is(
      await world.text('tasks/task-3 - Bake-the-dark-bread.md'),
      "---\nid: task-3\ntitle: 'Bake: the \"dark\" bread'\nstatus: To Do\nassignee:\n  - '@ann'\ndependencies:\n  - task-1\n  - task-2\n---\n",
    )
    assert.is((await add(a, 'Rest', { board: 'task-1 - Do-it' })).task.id, 'task-4')
    assert.is((await errorOf(add(a, 'Rest', { after: 'task-1', id: 'TASK-2' }))).code, 'task/exists')
  } finally {
    await world.close()
  }
})

test('a list without ids takes tasks, fields and every status, and a task is waited for by its title', () =>
  on('memory', '# Plan\n\n- [ ] Dig the hole\n', async (world, a, b) => {
    const values = new Map([['dependencies', 'dig-the-hole']] as const)
    assert.is((await add(a, 'Fill it', { values })).task.id, 'fill-it')
    assert.is((await add(a, 'Fill it')).task.id, 'fill-it-2')
    assert.is(
      await world.text(),
      '# Plan\n\n- [ ] Dig the hole\n- [ ] Fill it (blocked by dig-the-hole)\n- [ ] Fill it ^fill-it-2\n',
    )
    assert.equal(brief(await set(a, 'fill-it', 'title', 'Close it')).slice(0, 2), ['set', 'blocked'])
    assert.match((await world.text()) ?? '', '- [ ] Close it (blocked by dig-the-hole) ^fill-it\n')
    for (const [word, standing] of [
      ['review', 'paused'],
      ['blocked', 'paused'],
      ['on hold', 'paused'],
      ['cancelled', 'cancelled'],
      ['available', 'ready'],
    ] as const)
      assert.equal(brief(await set(a, 'dig-the-hole', 'status', word)).slice(0, 2), ['set', standing], word)
    assert.is(await claim(b, s1, 'dig-the-hole'), 'granted dig-the-hole')
  }))

test.run()
