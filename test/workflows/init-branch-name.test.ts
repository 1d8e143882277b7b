/** `init --branch`: boards on a branch of another name, from the first commit to the last fold. */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type BranchName, toBranchName } from '../../src/model/index.ts'
import { jsonOf, run, told } from '../support/cli.ts'
import { type Sandbox, sandbox } from '../support/git-servers.ts'
import { BOARD, codeOf, initIn, portrait, put } from './setup-world.ts'

let box: Sandbox
test.before.each(() => {
  box = sandbox()
})
test.after.each(() => box.remove())

const coordination = toBranchName('coordination')
const OPEN = BOARD.replace('COMPLETED', 'AVAILABLE')
const headsOf = (place: string) => box.git(place, 'for-each-ref', '--format=%(refname)', 'refs/heads').split('\n')
const ifBoard = (folder: string, ...args: string[]) => run({ cwd: box.path(folder), env: box.environment }, ...args)

async function well(folder: string, ...args: string[]) {
  const ran = await ifBoard(folder, ...args, '--json')
  assert.is(ran.status, 0, told(ran))
  return jsonOf(ran)
}

test('work, folds and checkouts are on the branch that was named, and a second clone joins by naming it', async () => {
  const url = box.bare('remote.git')
  await box.repository('one', url)
  await box.repository('two', url)
  await put(box, 'one/TASKS.md', OPEN)
  assert.is((await well('one', 'init', '--from', 'TASKS.md', '--branch', 'coordination')).branch, 'coordination')
  assert.equal(headsOf('remote.git'), ['refs/heads/coordination'])

  const stranger = await ifBoard('two', 'next')
  assert.is(stranger.status, 1)
  assert.match(stranger.stderr, /\[board\/not-initialised\]\n {2}try: if-board init .*if-board init --branch NAME/)
  assert.is((await well('two', 'init', '--branch', 'coordination')).outcome, 'joined')
  assert.is((await well('two', 'init')).outcome, 'unchanged', 'the clone keeps to its branch')

  assert.is((await well('two', 'next', '--session', 'ada')).task.id, 'A1')
  assert.is((await well('one', 'show', 'A1')).task.holder, 'ada')
  assert.is((await well('one', 'status')).sessions[0].task, 'A1')
  assert.is((await ifBoard('one', 'claim', 'A1', '--session', 'bob')).status, 4)
  assert.is((await well('two', 'done', '--session', 'ada')).kind, 'completed')
  await well('two', 'sync')
  assert.match(box.git('remote.git', 'show', 'coordination:TASKS.md'), /A1 .*COMPLETED/)
  await well('one', 'checkout', '../copy')
  assert.is(box.git('copy', 'status', '--porcelain', '--branch'), '## coordination...origin/coordination')
  assert.equal(headsOf('remote.git'), ['refs/heads/coordination'])
  const checks = (await well('one', 'doctor')).checks as { ok: boolean }[]
  assert.ok(checks.every(({ ok }) => ok))
  assert.match((await ifBoard('one', 'uninstall')).stdout, /ls-remote origin refs\/heads\/coordination '/)
})

test('without a remote the branch is in the hub, which a plain clone checks out', async () => {
  await box.repository('alone')
  await put(box, 'alone/TASKS.md', OPEN)
  await well('alone', 'init', '--from', 'TASKS.md', '--branch', 'team/board')
  assert.equal(headsOf('alone/.git/if-board/hub.git'), ['refs/heads/team/board'])
  assert.is((await well('alone', 'next', '--session', 'ada')).task.id, 'A1')
  await well('alone', 'done', '--session', 'ada')
  await well('alone', 'sync')
  box.git('.', 'clone', '--quiet', 'alone/.git/if-board/hub.git', 'copy')
  assert.is(box.git('copy', 'branch', '--show-current'), 'team/board')
  assert.match(box.git('copy', 'show', 'HEAD:TASKS.md'), /A1 .*COMPLETED/)
})

test('on a server that takes branches alone, claims are beside the branch that was named', async () => {
  const url = box.bare('remote.git')
  await mkdir(box.path('remote.git/hooks'), { recursive: true })
  const hook = '#!/bin/sh\ncase "$1" in refs/heads/*) exit 0;; esac; exit 1\n'
  await writeFile(box.path('remote.git/hooks/update'), hook, { mode: 0o755 })
  await box.repository('one', url)
  await put(box, 'one/TASKS.md', OPEN)
  assert.is((await well('one', 'init', '--from', 'TASKS.md', '--branch', 'coordination')).refs, 'heads')
  assert.is((await well('one', 'next', '--session', 'ada')).task.id, 'A1')
  assert.is((await well('one', 'done', '--session', 'ada')).kind, 'completed')
  await well('one', 'sync')
  assert.match(box.git('remote.git', 'show', 'coordination:TASKS.md'), /A1 .*COMPLETED/)
})

test('a branch that people work on is refused and stays as it is, at the remote and here', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  await box.repository('other', url)
  box.git('clone', 'push', '--quiet', 'origin', 'main:coordination')
  const before = portrait(box, 'remote.git')
  for (const branch of [coordination, 'main' as BranchName])
    assert.is(await codeOf(initIn(box, 'other', { branch })), 'board/exists')
  assert.is(portrait(box, 'remote.git'), before)
  assert.is((await ifBoard('other', 'next')).status, 1, 'the clone belongs to nothing')
  assert.is((await initIn(box, 'other')).kind, 'made')
})

test('a second board beside the usual branch is refused', async () => {
  const url = box.bare('remote.git')
  await box.repository('one', url)
  await box.repository('two', url)
  await initIn(box, 'one')
  const before = portrait(box, 'remote.git')
  assert.is(await codeOf(initIn(box, 'two', { branch: coordination })), 'board/exists')
  assert.is(await codeOf(initIn(box, 'one', { branch: coordination })), 'authority/changed')
  assert.is(portrait(box, 'remote.git'), before)
})

test('a branch of which the name is a folder is found before anything is made, and so are its own folders', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  box.git('clone', 'push', '--quiet', 'origin', 'main:team', 'main:deep/below/it')
  for (const name of ['team/board', 'team/a/b', 'deep', 'deep/below'])
    assert.is(await codeOf(initIn(box, 'clone', { branch: toBranchName(name) })), 'authority/branch-conflict', name)
  assert.not.ok(existsSync(box.path('clone/.git/if-board')))
})

test('branches whose names begin alike are no part of the board', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  box.git('clone', 'push', '--quiet', 'origin', 'main:coordination-x', 'main:coordination-design')
  await put(box, 'clone/TASKS.md', OPEN)
  await well('clone', 'init', '--from', 'TASKS.md', '--branch', 'coordination')
  assert.is((await well('clone', 'next', '--session', 'ada')).task.id, 'A1')
  assert.is((await well('clone', 'list')).tasks.length, 3)
})

test('names that git refuses, that are options, or that claims need are usage mistakes', async () => {
  await box.repository('clone')
  const names = ['HEAD', '-x', 'a..b', 'a b', 'a/', '/a', 'a.lock', 'x\u202ey', '@', 'a@{b', 'a'.repeat(101)]
  const taken = ['if-board', 'if-board/c', 'if-board/s/x', 'if-board/mode', 'if-board/witness', 'if-board/probe-1']
  for (const name of [...names, ...taken]) {
    assert.throws(
      () => toBranchName(name),
      (error: { code: string }) => error.code === 'usage/invalid',
      name,
    )
  }
  assert.is((await ifBoard('clone', 'init', '--branch', 'a..b')).status, 2)
  assert.not.ok(existsSync(box.path('clone/.git/if-board')))
})

test.run()
