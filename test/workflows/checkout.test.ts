import { execFile } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { gitCloneSetup } from '../../src/adapters/git/setup.ts'
import { gitBoardCheckout } from '../../src/adapters/git/setup-checkout.ts'
import { checkout, checkoutHere } from '../../src/workflows/checkout.ts'
import { type Sandbox, sandbox, startHttpBackend } from '../support/git-servers.ts'
import { BOARD, codeOf, initIn, put } from './setup-world.ts'

let box: Sandbox
test.before.each(() => {
  box = sandbox()
})
test.after.each(() => box.remove())

function checkoutIn(folder: string, to?: string) {
  const cwd = box.path(folder)
  const tools = { clone: gitCloneSetup(cwd, box.environment), checkouts: gitBoardCheckout(cwd, box.environment) }
  return checkout(tools, { folder: to })
}

function hereIn(folder: string) {
  const cwd = box.path(folder)
  return checkoutHere({ clone: gitCloneSetup(cwd, box.environment), checkouts: gitBoardCheckout(cwd, box.environment) })
}

function edit(folder: string) {
  box.git(folder, 'commit', '--quiet', '--all', '--message=edit')
  box.git(folder, 'push', '--quiet')
}

test('of a remote board it is a clone of one branch, whose plain push is a person’s edit', async () => {
  const url = box.bare('remote.git')
  await box.repository('proj', url)
  box.git('proj', 'push', '--quiet', 'origin', 'main')
  await put(box, 'proj/TASKS.md', BOARD)
  await initIn(box, 'proj', { from: ['TASKS.md'] })
  const made = await checkoutIn('proj')
  assert.equal([made.kind, made.folder, made.pushesTo], ['made', box.path('proj-board'), url])
  assert.is(await readFile(box.path('proj-board/TASKS.md'), 'utf8'), BOARD)
  assert.not.match(box.git('proj-board', 'for-each-ref'), /refs\/(remotes\/origin|heads)\/main/)
  assert.is(box.git('proj-board', 'status', '--porcelain', '--branch'), '## if-board/main...origin/if-board/main')
  await put(box, 'proj-board/TASKS.md', `${BOARD}| A4 | Sell | AVAILABLE | A3 |\n`)
  edit('proj-board')
  assert.match(box.git('remote.git', 'show', 'if-board/main:TASKS.md'), /A4/)
})

test('of a local board it is a clone of the hub, and a plain push reaches the hub', async () => {
  await box.repository('proj')
  await put(box, 'proj/TASKS.md', BOARD)
  await initIn(box, 'proj', { from: ['TASKS.md'] })
  const made = await checkoutIn('proj', '../my board')
  assert.is(made.folder, box.path('my board'))
  await put(box, 'my board/TASKS.md', `${BOARD}| A4 | Sell | AVAILABLE | A3 |\n`)
  edit('my board')
  assert.match(box.git('proj/.git/if-board/hub.git', 'show', 'if-board/main:TASKS.md'), /A4/)
})

test('the hub of a submodule and of a bare repository take a person’s push too', async () => {
  await box.repository('part')
  await box.repository('whole')
  box.git('whole', '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', box.path('part'), 'sub')
  box.bare('alone.git')
  for (const [clone, folder] of [
    ['whole/sub', 'whole/sub-board'],
    ['alone.git', 'alone-board'],
  ] as const) {
    await initIn(box, clone, { authority: { kind: 'local' } })
    assert.is((await checkoutIn(clone)).folder, box.path(folder))
    await put(box, `${folder}/TASK-BOARD.md`, BOARD)
    edit(folder)
    assert.is((await checkoutIn(clone)).kind, 'unchanged')
    assert.is(box.git(folder, 'status', '--porcelain'), '')
  }
})

test('an ordinary clone of the hub gets the board', async () => {
  await box.repository('proj')
  await initIn(box, 'proj')
  box.git('.', 'clone', '--quiet', 'proj/.git/if-board/hub.git', 'plain')
  assert.ok(existsSync(box.path('plain/TASK-BOARD.md')))
})

test('a second run brings it forward, and keeps what a person has not pushed yet', async () => {
  const url = box.bare('remote.git')
  await box.repository('proj', url)
  await put(box, 'proj/TASKS.md', BOARD)
  await put(box, 'proj/MORE.md', BOARD)
  await initIn(box, 'proj', { from: ['TASKS.md'] })
  await checkoutIn('proj')
  assert.is((await checkoutIn('proj')).kind, 'unchanged')
  await initIn(box, 'proj', { from: ['MORE.md'] })
  await put(box, 'proj-board/TASKS.md', `${BOARD}\nhalf a thought\n`)
  const updated = await checkoutIn('proj')
  assert.is(updated.kind, 'updated')
  assert.ok(existsSync(box.path('proj-board/MORE.md')))
  assert.match(await readFile(box.path('proj-board/TASKS.md'), 'utf8'), /half a thought/)
})

test('edits that stand in the way are an error and stay', async () => {
  const url = box.bare('remote.git')
  await box.repository('proj', url)
  await put(box, 'proj/MORE.md', BOARD)
  await initIn(box, 'proj')
  await checkoutIn('proj')
  box.git('proj-board', 'commit', '--quiet', '--allow-empty', '--message=mine')
  await initIn(box, 'proj', { from: ['MORE.md'] })
  const error = await checkoutIn('proj').catch((cause) => cause)
  assert.is(error.code, 'git/failed')
  assert.match(error.hint, /git pull --rebase/)
  assert.is(box.git('proj-board', 'log', '-1', '--format=%s'), 'mine')
  box.git('proj-board', 'pull', '--quiet')
  box.git('proj-board', 'push', '--quiet')
  assert.is((await checkoutIn('proj')).kind, 'unchanged')
})

test('from within it is brought forward by its own settings, and says what waits there', async () => {
  const url = box.bare('remote.git')
  await box.repository('proj', url)
  await put(box, 'proj/TASKS.md', BOARD)
  await initIn(box, 'proj', { from: ['TASKS.md'] })
  assert.is(await hereIn('proj'), undefined)
  await checkoutIn('proj')
  await mkdir(box.path('proj-board/notes'))
  assert.is((await hereIn('proj-board/notes'))?.kind, 'unchanged')
  await put(box, 'proj/MORE.md', BOARD)
  await initIn(box, 'proj', { from: ['MORE.md'] })
  await put(box, 'proj-board/TASKS.md', `${BOARD}\nhalf a thought\n`)
  const updated = await hereIn('proj-board/notes')
  assert.equal([updated?.kind, updated?.edited, updated?.unpushed, updated?.pushesTo], ['updated', 1, 0, url])
  box.git('proj-board', 'commit', '--quiet', '--all', '--message=mine')
  assert.equal([(await hereIn('proj-board'))?.unpushed, (await checkoutIn('proj')).unpushed], [1, 1])
  await put(box, 'proj/LAST.md', BOARD)
  await initIn(box, 'proj', { from: ['LAST.md'] })
  const error = await hereIn('proj-board').catch((cause) => cause)
  assert.match(error.message, 'commits that are not pushed (1)')
  assert.match(error.hint, 'git pull --rebase, then git push')
})

test('a folder that is something else is left alone', async () => {
  await box.repository('proj')
  await initIn(box, 'proj')
  await box.repository('proj-board')
  assert.is(await codeOf(checkoutIn('proj')), 'usage/invalid')
  await mkdir(box.path('notes'))
  await put(box, 'notes/a.txt', 'a')
  await put(box, 'file', 'a')
  for (const other of ['../notes', '../file', '.'])
    assert.is(await codeOf(checkoutIn('proj', other)), 'usage/invalid', other)
  await mkdir(box.path('empty'))
  assert.is((await checkoutIn('proj', '../empty')).kind, 'made')
})

test('without a board it says so, and a remote that is away leaves no half checkout', async () => {
  const url = box.bare('remote.git')
  await box.repository('proj', url)
  assert.is(await codeOf(checkoutIn('proj')), 'board/not-initialised')
  await initIn(box, 'proj')
  box.git('.', 'clone', '--quiet', '--mirror', 'remote.git', 'copy.git')
  await box.repository('later', box.path('copy.git'))
  await initIn(box, 'later')
  box.git('copy.git', 'update-ref', '-d', 'refs/heads/if-board/main')
  assert.is(await codeOf(checkoutIn('later')), 'board/not-initialised')
  box.git('later', 'config', 'remote.origin.uploadpack', '/bin/false')
  assert.is(await codeOf(checkoutIn('later')), 'authority/unreachable')
  assert.equal(
    (await readdir(box.root)).filter((name) => name.startsWith('later-board')),
    [],
  )
})

test('a secret of the clone works in the checkout, in a file for its owner alone', async () => {
  const header = `Basic ${Buffer.from('me:to"ken\\').toString('base64')}`
  const server = await startHttpBackend(box.root, box.environment, header)
  try {
    box.bare('remote.git')
    await box.repository('proj', server.url('remote.git'))
    box.git('proj', 'config', `http.${server.url('')}.extraHeader`, `Authorization: ${header}`)
    box.git('proj', 'config', 'user.name', 'A "quoted" \\ name')
    await initIn(box, 'proj')
    await checkoutIn('proj')
    const file = box.path('proj-board/.git/if-board.config')
    if (process.platform !== 'win32') assert.is(statSync(file).mode & 0o077, 0)
    assert.is(box.git('proj-board', 'config', 'user.name'), 'A "quoted" \\ name')
    await checkoutIn('proj')
    assert.is(box.git('proj-board', 'config', '--get-all', `http.${server.url('')}.extraHeader`).split('\n').length, 1)
    // Without the clone's help: the settings of the checkout alone reach the remote.
    const alone = promisify(execFile)('git', ['fetch', 'origin'], { cwd: box.path('proj-board'), env: box.environment })
    assert.ok(await alone)
  } finally {
    await server.close()
  }
})

test('a remote given by a relative path is found from the checkout', async () => {
  box.bare('remote.git')
  await box.repository('proj', '../remote.git')
  await mkdir(box.path('far/away'), { recursive: true })
  await initIn(box, 'proj')
  await checkoutIn('proj', '../far/away/board')
  box.git('far/away/board', 'fetch', '--quiet')
})

test.run()
