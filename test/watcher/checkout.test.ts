/** What a person saves in a checkout, beside a real watcher and real git. */
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { run, told, type Where } from '../support/cli.ts'
import { initIn } from '../support/clones.ts'
import { type Sandbox, sandbox } from '../support/git-servers.ts'
import { killWatchers, type RunningWatcher, startWatch } from './world.ts'

const BOARD = `# Board

| ID | Task | Status | Dependencies |
|----|------|--------|--------------|
| A1 | Lay the ground | AVAILABLE | None |
| A2 | Build on it | AVAILABLE | A1 |
| A3 | Paint it | AVAILABLE | A2 |
`
const FILE = 'main-board/TASKS.md'

let box: Sandbox
let watcher: RunningWatcher
let where: Where
test.before.each(async () => {
  box = sandbox()
  await box.repository('main', `file://${box.bare('remote.git')}`)
  where = { cwd: box.path('main'), env: box.environment }
  await initIn(box, 'main', BOARD, 'TASKS.md')
  const made = await run(where, 'checkout')
  assert.is(made.status, 0, told(made))
  watcher = startWatch(where)
  await watcher.until(({ event }) => event === 'started')
  // The files are watched a moment after.
  await sleep(500)
})
test.after.each(async () => {
  await killWatchers()
  await box.remove()
})

const pushed = () => box.git('remote.git', 'show', 'if-board/main:TASKS.md')
const commits = () => Number(box.git('remote.git', 'rev-list', '--count', 'if-board/main'))
const replace = async (from: string, to: string) =>
  writeFile(box.path(FILE), (await readFile(box.path(FILE), 'utf8')).replace(from, to))
const isSaved = ({ event }: { event: string }) => event === 'saved'

test('many saves in a row are one commit, pushed after the pause, by the person', async () => {
  const before = commits()
  for (const word of ['ground', 'grounds', 'groundwork']) {
    await writeFile(box.path(FILE), BOARD.replace('Lay the ground', `Lay the ${word}`))
    await sleep(300)
  }
  await watcher.until(isSaved)
  assert.match(pushed(), 'Lay the groundwork')
  assert.is(commits(), before + 1)
  assert.not.match(box.git('remote.git', 'log', '-1', '--format=%ae', 'if-board/main'), 'if-board.invalid')
  assert.is(box.git('main-board', 'status', '--porcelain'), '')
})

test('a board with an error is not pushed, its place is told once, and the corrected one goes', async () => {
  await appendFile(box.path(FILE), '| A1 | Twice | AVAILABLE | None |\n')
  const no = await watcher.until(({ event }) => event === 'not-saved')
  assert.ok(no.event === 'not-saved' && /^TASKS\.md:8:\d+: /.test(no.message), JSON.stringify(no))
  assert.not.match(pushed(), 'Twice')
  await replace('| A1 | Twice', '| A4 | Twice')
  await watcher.until(isSaved)
  assert.match(pushed(), '| A4 | Twice')
  assert.is(watcher.events.filter(({ event }) => event === 'not-saved').length, 1)
})

test('bytes that are no text stay in the file', async () => {
  const bytes = Buffer.concat([Buffer.from(BOARD), Buffer.from([0xff, 0xfe])])
  await writeFile(box.path(FILE), bytes)
  const no = await watcher.until(({ event }) => event === 'not-saved')
  assert.is(no.event === 'not-saved' && no.code, 'board/not-text')
  assert.equal(await readFile(box.path(FILE)), bytes)
  assert.is(pushed(), BOARD.trimEnd())
})

test('what others pushed meanwhile is joined cell by cell; two values in one cell are told, and nothing is lost', async () => {
  const other = box.path('other')
  box.git('.', 'clone', '--quiet', '--branch=if-board/main', box.path('remote.git'), other)
  const push = async (from: string, to: string) => {
    box.git('other', 'pull', '--quiet', '--rebase')
    await writeFile(box.path('other/TASKS.md'), (await readFile(box.path('other/TASKS.md'), 'utf8')).replace(from, to))
    box.git('other', 'commit', '--quiet', '--all', '--message=other')
    box.git('other', 'push', '--quiet')
  }
  await push('| A2 | Build on it | AVAILABLE', '| A2 | Build on it | PAUSED')
  await replace('Build on it', 'Build upon it')
  await watcher.until(isSaved)
  assert.match(pushed(), '| A2 | Build upon it | PAUSED |')

  await push('| A3 | Paint it | AVAILABLE', '| A3 | Paint it | PAUSED')
  await replace('| A3 | Paint it | AVAILABLE', '| A3 | Paint it | CANCELLED')
  const no = await watcher.until(({ event }) => event === 'not-saved')
  assert.is(no.event === 'not-saved' && no.code, 'edit/conflict')
  assert.match(pushed(), '| A3 | Paint it | PAUSED |')
  assert.match(await readFile(box.path(FILE), 'utf8'), '| A3 | Paint it | CANCELLED |')
  assert.is(box.git('main-board', 'rev-list', '--count', '@{upstream}..HEAD'), '1')
})

const text = () => readFile(box.path(FILE), 'utf8')
const isBrought = ({ event }: { event: string }) => event === 'brought'
/** Somebody else's edit, through a command of theirs: the branch moves. */
const retitle = async (title: string) => {
  const set = await run({ ...where, env: { ...where.env, IF_BOARD_SESSION: 'other' } }, 'set', 'A3', 'title', title)
  assert.is(set.status, 0, told(set))
  assert.match(pushed(), title)
}

test('a checkout without edits of its own follows the branch, by what the watcher fetched', async () => {
  await retitle('Paint it green')
  await watcher.until(isBrought)
  assert.match(await text(), 'Paint it green')
  assert.is(box.git('main-board', 'status', '--porcelain'), '')
  assert.is(box.git('main-board', 'rev-parse', 'HEAD'), box.git('remote.git', 'rev-parse', 'if-board/main'))
})

test('a file that is edited, or open in an editor, is left as it is until it is not', async () => {
  // Not text that lints, so it stays an edit; and the branch moves on in another line of it.
  await replace('| A1 | Lay', '| A2 | Lay')
  await watcher.until(({ event }) => event === 'not-saved')
  const typed = await text()
  await retitle('Paint it blue')
  await sleep(4_000)
  assert.is(await text(), typed)
  await writeFile(box.path(FILE), BOARD)

  await writeFile(box.path('main-board/.TASKS.md.swp'), '')
  await retitle('Paint it black')
  await sleep(4_000)
  assert.not.match(await text(), 'Paint it black')
  await rm(box.path('main-board/.TASKS.md.swp'))
  // A save is a sign; without one it is looked at every half minute.
  await writeFile(box.path(FILE), await text())
  await watcher.until(isBrought)
  assert.match(await text(), 'Paint it black')
  assert.is(box.git('main-board', 'status', '--porcelain'), '')
})

test('a checkout in the middle of something, on another branch or with a commit of its own is left alone', async () => {
  box.git('main-board', 'switch', '--quiet', '--create', 'mine')
  const before = box.git('main-board', 'rev-parse', 'HEAD')
  await retitle('Paint it white')
  await sleep(4_000)
  assert.is(box.git('main-board', 'rev-parse', 'HEAD'), before)
  assert.not.match(await text(), 'white')
  assert.not.ok(watcher.events.some(isBrought))
})

test('killed between the commit and the push, the next watcher pushes', async () => {
  await watcher.kill()
  await replace('Paint it', 'Paint it red')
  box.git('main-board', 'commit', '--quiet', '--all', '--message=by hand')
  watcher = startWatch(where)
  await watcher.until(isSaved)
  assert.match(pushed(), 'Paint it red')
})

test.run()
