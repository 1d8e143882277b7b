import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isServed } from '../../../src/cli/socket/carry-out.ts'
import { findNote } from '../../../src/cli/socket/find.ts'
import { NOTE_FILE, parseNote, renderNote } from '../../../src/cli/socket/note.ts'

const test = suite<{ root: string }>('where a watcher left its note')
test.before.each(async (context) => {
  context.root = await realpath(await mkdtemp(join(tmpdir(), 'if-board-note-')))
  const git = (...args: string[]) => execFileSync('git', args, { cwd: context.root, stdio: 'ignore' })
  git('init', '--quiet', 'main')
  git('-C', 'main', '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--allow-empty', '-m', 'x')
  git('-C', 'main', 'worktree', 'add', '../linked')
  await mkdir(join(context.root, 'main/.git/if-board'))
  await mkdir(join(context.root, 'main/a/b'), { recursive: true })
  await writeFile(join(context.root, 'main/.git/if-board', NOTE_FILE), 'here')
})
test.after.each(({ root }) => rm(root, { recursive: true }))

test('it is found from the project, from a folder in it and from a linked work tree', ({ root }) => {
  for (const folder of ['main', 'main/a/b', 'linked'])
    assert.is(findNote('next', join(root, folder), {}), 'here', folder)
})

test('it is nobody’s outside, for other commands, where git is told to look elsewhere, and when switched off', ({
  root,
}) => {
  const main = join(root, 'main')
  assert.is(findNote('next', root, {}), undefined)
  for (const word of ['list', 'watch', 'release', '--json', undefined]) assert.is(findNote(word, main, {}), undefined)
  for (const name of ['GIT_DIR', 'GIT_COMMON_DIR', 'GIT_WORK_TREE'])
    assert.is(findNote('next', main, { [name]: '.' }), undefined)
  assert.is(findNote('next', main, { IF_BOARD_SOCKET: 'off' }), undefined)
})

test('what is odd is nobody’s', async ({ root }) => {
  await mkdir(join(root, 'odd'))
  for (const text of ['', 'gitdir: nowhere', 'gitdir: ../main/.git']) {
    await writeFile(join(root, 'odd/.git'), text)
    assert.is(findNote('next', join(root, 'odd'), {}), undefined, text)
  }
})

test('a note says build and place, and what is none is not understood', () => {
  const note = { build: '1', path: '/x/s' }
  assert.equal(parseNote(renderNote(note)), note)
  for (const text of ['', '{', 'null', '{"build":1,"path":"/x"}', '{"build":"1"}'])
    assert.is(parseNote(text), undefined, text)
})

test('only what may be done twice, ends soon and needs no process of its own is answered', () => {
  for (const words of ['next', 'next --json', 'next --peek', 'done', 'done X --note y', 'claim X', 'renew'])
    assert.is(isServed(words.split(' ')), true, words)
  for (const words of [
    'next --wait 3',
    'next --wait=3',
    'done --debug',
    'claim -h',
    'next --help',
    'release',
    'fail X',
  ])
    assert.is(isServed(words.split(' ')), false, words)
  assert.is(isServed(['claim', '--', '--wait']), true, 'behind `--` stand ids')
  const hook = (words: string) => isServed(['hook', ...words.split(' ')])
  assert.is(hook('stop --tool claude-code'), true)
  assert.is(hook('beat --tool codex'), true)
  assert.is(hook('stop --tool codex'), false, 'it waits for minutes in its stop')
  for (const words of ['wait --tool claude-code', 'stop', 'stop --tool nothing', 'stop --tool codex --json'])
    assert.is(hook(words), false, words)
})

test.run()
