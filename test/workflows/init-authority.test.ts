/** Where `init` finds or makes the board: which authority, what it allows, who else is there. */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Sandbox, sandbox } from '../support/git-servers.ts'
import { BOARD, codeOf, initIn, portrait, put } from './setup-world.ts'

let box: Sandbox
test.before.each(() => {
  box = sandbox()
})
test.after.each(() => box.remove())

const onBranch = (place: string, path: string) => box.git(place, 'show', `if-board/main:${path}`)
const commitsOf = (place: string) => Number(box.git(place, 'rev-list', '--count', 'if-board/main'))
const refsOf = (place: string) => box.git(place, 'for-each-ref', '--format=%(refname)').split('\n')

test('several remotes without origin are a question for a person', async () => {
  await box.repository('clone')
  box.git('clone', 'remote', 'add', 'left', box.bare('left.git'))
  box.git('clone', 'remote', 'add', 'right', box.bare('right.git'))
  assert.is(await codeOf(initIn(box, 'clone')), 'authority/choose')
  assert.is(await codeOf(initIn(box, 'clone', { authority: { kind: 'remote', name: 'up' } })), 'usage/invalid')
  const report = await initIn(box, 'clone', { authority: { kind: 'remote', name: 'right' } })
  assert.is(report.publicAt, box.path('right.git'))
  assert.is(refsOf('left.git').join(), '')
})

test('the only remote is the authority, whatever its name', async () => {
  await box.repository('clone')
  box.git('clone', 'remote', 'add', 'upstream', box.bare('up.git'))
  assert.equal((await initIn(box, 'clone')).authority, { kind: 'remote', name: 'upstream', url: box.path('up.git') })
})

test('two clones that begin at once end on one history, with the boards of both', async () => {
  for (const round of [1, 2, 3]) {
    const url = box.bare(`remote-${round}.git`)
    const clones = [`a-${round}`, `b-${round}`]
    for (const name of clones) {
      await box.repository(name, url)
      await put(box, `${name}/${name}.md`, BOARD)
    }
    const reports = await Promise.all(clones.map((name) => initIn(box, name, { from: [`${name}.md`] })))
    assert.is(new Set(reports.map(({ boardId }) => boardId)).size, 1)
    assert.is(reports.filter(({ kind }) => kind === 'made').length, 1)
    const roots = box.git(`remote-${round}.git`, 'rev-list', '--max-parents=0', 'if-board/main')
    assert.is(roots.split('\n').length, 1)
    for (const name of clones) assert.is(onBranch(`remote-${round}.git`, `${name}.md`), BOARD.trim())
  }
})

test('two work trees of one clone without a remote begin at once on one history', async () => {
  await box.repository('clone')
  box.git('clone', 'worktree', 'add', '--quiet', '--detach', '../linked')
  const reports = await Promise.all(['clone', 'linked'].map((name) => initIn(box, name)))
  assert.is(new Set(reports.map(({ boardId }) => boardId)).size, 1)
  assert.is(commitsOf('clone/.git/if-board/hub.git'), 1)
})

test('a remote branch `if-board` is found before anything is made', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  box.git('clone', 'push', '--quiet', 'origin', 'main:if-board')
  const before = portrait(box, 'remote.git')
  assert.is(await codeOf(initIn(box, 'clone')), 'authority/branch-conflict')
  assert.not.ok(existsSync(box.path('clone/.git/if-board')))
  assert.is(portrait(box, 'remote.git'), before)
})

test('a remote that does not answer is an error and leaves nothing', async () => {
  await box.repository('clone', box.path('nowhere.git'))
  assert.is(await codeOf(initIn(box, 'clone')), 'authority/unreachable')
  assert.not.ok(existsSync(box.path('clone/.git/if-board')))
})

async function hook(remote: string, script: string): Promise<void> {
  await mkdir(box.path(remote, 'hooks'), { recursive: true })
  await writeFile(box.path(remote, 'hooks/update'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

test('a server that refuses refs/if-board gets the layout below heads, recorded in the config', async () => {
  const url = box.bare('remote.git')
  await hook('remote.git', 'case "$1" in refs/heads/*) exit 0;; esac; exit 1')
  await box.repository('clone', url)
  await box.repository('other', url)
  assert.is((await initIn(box, 'clone')).refs, 'heads')
  assert.match(onBranch('remote.git', '.if-board/config.yml'), /^refs: heads$/m)
  const joined = await initIn(box, 'other')
  assert.equal([joined.kind, joined.refs], ['joined', 'heads'])
  assert.equal(refsOf('remote.git'), ['refs/heads/if-board/main'])
})

test('a server without atomic pushes is unsupported, and its setting is named', async () => {
  await box.repository('clone', box.bare('remote.git', 'receive.advertiseAtomic=false'))
  const error = await initIn(box, 'clone').catch((cause) => cause)
  assert.is(error.code, 'authority/unsupported')
  assert.match(error.hint, /receive\.advertiseAtomic/)
  assert.is(refsOf('remote.git').join(), '')
})

test('a server where no ref can be removed is unsupported, and its setting is named', async () => {
  const url = box.bare('remote.git', 'receive.denyDeletes=true')
  await hook('remote.git', 'case "$1" in refs/heads/*) exit 0;; esac; exit 1')
  await box.repository('clone', url)
  const error = await initIn(box, 'clone').catch((cause) => cause)
  assert.is(error.code, 'authority/unsupported')
  assert.match(error.hint, /receive\.denyDeletes/)
})

test('a run that was refused can be repeated elsewhere: nothing was bound', async () => {
  await box.repository('clone', box.bare('remote.git', 'receive.advertiseAtomic=false'))
  await codeOf(initIn(box, 'clone'))
  const report = await initIn(box, 'clone', { authority: { kind: 'local' } })
  assert.equal([report.kind, report.authority.kind], ['made', 'local'])
})

test('a changed URL is an error until the remote is named, and then only for the same board', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  const first = await initIn(box, 'clone')
  box.git('.', 'clone', '--quiet', '--mirror', 'remote.git', 'moved.git')
  box.git('clone', 'remote', 'set-url', 'origin', box.path('moved.git'))
  assert.is(await codeOf(initIn(box, 'clone')), 'authority/changed')
  const again = await initIn(box, 'clone', { authority: { kind: 'remote', name: 'origin' } })
  assert.equal([again.kind, again.boardId, again.publicAt], ['rebound', first.boardId, box.path('moved.git')])
  assert.is((await initIn(box, 'clone')).kind, 'unchanged')
})

test('a clone that belongs to a board neither joins another nor begins a second one', async () => {
  await box.repository('clone', box.bare('remote.git'))
  await box.repository('stranger', box.bare('other.git'))
  await initIn(box, 'clone')
  await initIn(box, 'stranger')
  box.git('clone', 'remote', 'add', 'other', box.path('other.git'))
  box.git('clone', 'remote', 'add', 'empty', box.bare('empty.git'))
  for (const name of ['other', 'empty'])
    assert.is(await codeOf(initIn(box, 'clone', { authority: { kind: 'remote', name } })), 'authority/changed', name)
  assert.is(await codeOf(initIn(box, 'clone', { authority: { kind: 'local' } })), 'authority/changed')
  assert.is(refsOf('empty.git').join(), '')
  box.git('remote.git', 'update-ref', '-d', 'refs/heads/if-board/main')
  assert.is(await codeOf(initIn(box, 'clone')), 'authority/changed')
})

test('a board without a remote moves to one once a person has pushed it there', async () => {
  await box.repository('clone')
  const local = await initIn(box, 'clone')
  box.git('clone', 'remote', 'add', 'origin', box.bare('remote.git'))
  assert.is((await initIn(box, 'clone')).kind, 'unchanged')
  const origin = { kind: 'remote', name: 'origin' } as const
  assert.is(await codeOf(initIn(box, 'clone', { authority: origin })), 'authority/changed')
  box.git('clone/.git/if-board/hub.git', 'push', '--quiet', box.path('remote.git'), 'if-board/main')
  const moved = await initIn(box, 'clone', { authority: origin })
  assert.equal([moved.kind, moved.boardId, moved.authority.kind], ['rebound', local.boardId, 'remote'])
})

test('a name and password in the URL are never shown', async () => {
  await box.repository('clone', 'https://me:secret@localhost:1/x.git')
  const error = await initIn(box, 'clone').catch((cause) => cause)
  assert.is(error.code, 'authority/unreachable')
  assert.not.match(`${error.message} ${error.hint}`, /secret/)
})

test('git variables of a hook do not send init into another repository', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  Object.assign(box.environment, { GIT_INDEX_FILE: box.path('clone/.git/other-index') })
  assert.is((await initIn(box, 'clone')).kind, 'made')
  assert.not.ok(existsSync(box.path('clone/.git/other-index')))
})

test.run()
