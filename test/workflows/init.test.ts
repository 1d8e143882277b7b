import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseBoard } from '../../src/board/index.ts'
import { parsePins } from '../../src/board/pins.ts'
import { parseRoster } from '../../src/board/roster.ts'
import { toBoardName } from '../../src/model/index.ts'
import { type Sandbox, sandbox } from '../support/git-servers.ts'
import { BOARD, codeOf, initIn, portrait, put } from './setup-world.ts'

let box: Sandbox
test.before.each(() => {
  box = sandbox()
})
test.after.each(() => box.remove())

const onBranch = (place: string, path: string) => box.git(place, 'show', `if-board/main:${path}`)
const filesOf = (place: string) => box.git(place, 'ls-tree', '-r', '--name-only', 'if-board/main').split('\n')
const commitsOf = (place: string) => Number(box.git(place, 'rev-list', '--count', 'if-board/main'))
const refsOf = (place: string) => box.git(place, 'for-each-ref', '--format=%(refname)').split('\n')

test('a file becomes a board on an orphan branch at origin, and the user’s clone stays as it was', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  await put(box, 'clone/TASKS.md', BOARD)
  const before = portrait(box, 'clone')
  const report = await initIn(box, 'clone', { from: ['TASKS.md'] })
  assert.is(report.kind, 'made')
  assert.is(report.publicAt, url)
  assert.equal(report.boards[0], { path: 'TASKS.md', board: 'TASKS.md', kind: 'added', tasks: 3, original: 'kept' })
  assert.is(onBranch('remote.git', 'TASKS.md'), BOARD.trim())
  assert.is(commitsOf('remote.git'), 1)
  assert.match(box.git('remote.git', 'log', '-1', '--format=%B', 'if-board/main'), /\[skip ci\]/)
  assert.equal(
    filesOf('remote.git').filter((path) => !path.startsWith('.if-board/state/')),
    ['.if-board/config.schema.json', '.if-board/config.yml', 'AUTONOMOUS-NEXT-TASKS.md', 'TASKS.md', 'agents.md'],
  )
  assert.is(portrait(box, 'clone'), before)
  assert.is(report.next.length, 3)
})

test('rows that say BLOCKED are recorded as shown so, rows that say CLAIMED or COMPLETED are not', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  await put(box, 'clone/TASKS.md', BOARD)
  await initIn(box, 'clone', { from: ['TASKS.md'] })
  const shards = filesOf('remote.git').filter((path) => path.startsWith('.if-board/state/'))
  const lines = shards.map((path) => onBranch('remote.git', path)).join('\n')
  assert.equal(JSON.parse(lines), {
    failures: 0,
    grants: 0,
    key: 'TASKS.md:A2',
    shown: 'blocked',
    title: 'Build on it',
  })
})

test('the probe leaves nothing behind at the remote', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  await initIn(box, 'clone')
  assert.equal(refsOf('remote.git'), ['refs/heads/if-board/main'])
})

test('a second run changes nothing and says what is there', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  await put(box, 'clone/TASKS.md', BOARD)
  const first = await initIn(box, 'clone', { from: ['TASKS.md'] })
  const before = [portrait(box, 'clone'), portrait(box, 'remote.git')]
  const second = await initIn(box, 'clone', { from: ['TASKS.md'] })
  assert.is(second.kind, 'unchanged')
  assert.is(second.head, first.head)
  assert.is(second.boardId, first.boardId)
  assert.is(second.boards[0]?.kind, 'present')
  assert.equal(second.made, [])
  assert.equal([portrait(box, 'clone'), portrait(box, 'remote.git')], before)
})

test('a later run adds another board by one commit and keeps every comment of the config', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  await put(box, 'clone/TASKS.md', BOARD)
  await put(box, 'clone/More work.md', BOARD)
  await initIn(box, 'clone', { from: ['TASKS.md'] })
  const config = onBranch('remote.git', '.if-board/config.yml')
  assert.match(config, /^# yaml-language-server: \$schema=config\.schema\.json\n/)
  const report = await initIn(box, 'clone', { from: ['TASKS.md', 'More work.md'] })
  assert.equal(
    report.boards.map(({ kind }) => kind),
    ['present', 'added'],
  )
  assert.is(commitsOf('remote.git'), 2)
  const after = onBranch('remote.git', '.if-board/config.yml')
  assert.match(after, /^boards: \["TASKS.md", "boards\/\*\*\/\*.md", "More work.md"\]$/m)
  assert.is(after.replace(', "More work.md"', ''), config)
})

test('a board that people changed on the branch is never overwritten', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  await put(box, 'clone/TASKS.md', BOARD)
  await initIn(box, 'clone', { from: ['TASKS.md'] })
  await put(box, 'clone/TASKS.md', `${BOARD}| A4 | Sell it | AVAILABLE | A3 |\n`)
  const report = await initIn(box, 'clone', { from: ['TASKS.md'], originals: 'move' })
  assert.is(report.boards[0]?.kind, 'differs')
  assert.is(report.boards[0]?.original, 'kept')
  assert.ok(existsSync(box.path('clone/TASKS.md')))
  assert.is(onBranch('remote.git', 'TASKS.md'), BOARD.trim())
})

test('without a file the branch gets a board with no open task, and the candidates are named with their command', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  await mkdir(box.path('clone/specs/001-login'), { recursive: true })
  await mkdir(box.path('clone/backlog'), { recursive: true })
  const names = ['TASKS.md', 'PHASE 0 TASK-BOARD.md', 'README.md', 'specs/001-login/tasks.md', 'backlog/one.md']
  for (const name of names) await put(box, `clone/${name}`, BOARD)
  const report = await initIn(box, 'clone')
  assert.equal(
    report.candidates.map(({ command }) => command),
    [
      "if-board init --from 'PHASE 0 TASK-BOARD.md'",
      'if-board init --from TASKS.md',
      'if-board init --from specs/001-login/tasks.md',
      'if-board init --from backlog/one.md',
    ],
  )
  const text = onBranch('remote.git', 'TASK-BOARD.md')
  assert.equal(parseBoard(text, toBoardName('TASK-BOARD.md')).board.tasks, [])
  assert.equal(parsePins(onBranch('remote.git', 'AUTONOMOUS-NEXT-TASKS.md')).pins, [])
  assert.equal(parseRoster(onBranch('remote.git', 'agents.md')), [])
})

test('--move takes the file out of work tree and index, and commits nothing', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  await mkdir(box.path('clone/docs'))
  await put(box, 'clone/docs/TASKS.md', BOARD)
  box.git('clone', 'add', 'docs/TASKS.md')
  box.git('clone', 'commit', '--quiet', '--message=board')
  const head = box.git('clone', 'rev-parse', 'HEAD')
  const report = await initIn(box, 'clone/docs', { from: ['TASKS.md'], originals: 'move' })
  assert.is(report.boards[0]?.original, 'removed')
  assert.not.ok(existsSync(box.path('clone/docs/TASKS.md')))
  assert.is(box.git('clone', 'status', '--porcelain'), 'D  docs/TASKS.md')
  assert.is(box.git('clone', 'rev-parse', 'HEAD'), head)
  const again = await initIn(box, 'clone/docs', { from: ['TASKS.md'], originals: 'move' }).catch((error) => error)
  // The folder went with its last file where git does so; the file itself is on the branch.
  assert.is(again.boards?.[0]?.kind ?? again.code, 'present')
})

test('a file outside the work tree is copied but never moved', async () => {
  await box.repository('clone')
  await put(box, 'TASKS.md', BOARD)
  const moved = initIn(box, 'clone', { from: ['../TASKS.md'], originals: 'move' })
  assert.is(await codeOf(moved), 'usage/invalid')
  assert.not.ok(existsSync(box.path('clone/.git/if-board')))
  assert.is((await initIn(box, 'clone', { from: ['../TASKS.md'] })).boards[0]?.kind, 'added')
})

test('bytes of a board arrive unchanged: BOM, CRLF, no line end at the end', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  const bytes = Buffer.from(`\ufeff${BOARD.replace(/\n/g, '\r\n')}last line`, 'utf8')
  await put(box, 'clone/TASKS.md', bytes)
  await initIn(box, 'clone', { from: ['TASKS.md'] })
  const blob = box.git('remote.git', 'rev-parse', 'if-board/main:TASKS.md')
  assert.is(blob, box.git('clone', 'hash-object', '--no-filters', 'TASKS.md'))
})

test('what cannot be a board is refused before anything is made', async () => {
  await box.repository('clone', box.bare('remote.git'))
  await put(box, 'clone/binary.md', Uint8Array.from([35, 0, 1]))
  await put(box, 'clone/latin.md', Uint8Array.from([35, 0xe9]))
  await put(box, 'clone/agents.md', '# agents\n')
  await put(box, 'clone/a[1].md', BOARD)
  await mkdir(box.path('clone/sub'))
  await put(box, 'clone/sub/TASKS.md', BOARD)
  await put(box, 'clone/tasks.md', BOARD)
  const cases: [string[], string][] = [
    [['binary.md'], 'board/not-text'],
    [['latin.md'], 'board/not-text'],
    [['agents.md'], 'usage/invalid'],
    [['a[1].md'], 'usage/invalid'],
    [['sub'], 'file/unreadable'],
    [['missing.md'], 'file/unreadable'],
    [['tasks.md', 'sub/TASKS.md'], 'usage/invalid'],
  ]
  for (const [from, code] of cases) assert.is(await codeOf(initIn(box, 'clone', { from })), code, from.join())
  assert.is(refsOf('remote.git').join(), '')
})

test('a dry run writes nothing anywhere, and says what would be', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  await put(box, 'clone/TASKS.md', BOARD)
  const before = [portrait(box, 'clone'), portrait(box, 'remote.git')]
  const report = await initIn(box, 'clone', { from: ['TASKS.md'], mode: 'dry-run', originals: 'move' })
  assert.equal([report.mode, report.kind, report.boards[0]?.kind], ['dry-run', 'made', 'added'])
  assert.equal([portrait(box, 'clone'), portrait(box, 'remote.git')], before)
  assert.not.ok(existsSync(box.path('clone/.git/if-board')))
  assert.is(await readFile(box.path('clone/TASKS.md'), 'utf8'), BOARD)
})

test('an empty repository without a commit can be the clone', async () => {
  const url = box.bare('remote.git')
  await mkdir(box.path('clone'))
  box.git('clone', 'init', '--quiet')
  box.git('clone', 'remote', 'add', 'origin', url)
  await put(box, 'clone/TASKS.md', BOARD)
  box.git('clone', 'add', 'TASKS.md')
  const report = await initIn(box, 'clone', { from: ['TASKS.md'], originals: 'move' })
  assert.is(report.kind, 'made')
  assert.is(box.git('clone', 'status', '--porcelain'), '')
})

test('without a remote the hub is the authority, and checkout is named', async () => {
  await box.repository('proj')
  const report = await initIn(box, 'proj')
  assert.equal(report.authority, { kind: 'local', hub: box.path('proj/.git/if-board/hub.git') })
  assert.is(report.publicAt, undefined)
  assert.ok(report.next.includes('if-board checkout ../proj-board'))
  assert.equal(refsOf('proj/.git/if-board/hub.git'), ['refs/heads/if-board/main'])
  assert.equal(refsOf('proj'), ['refs/heads/main'])
  assert.is((await initIn(box, 'proj')).kind, 'unchanged')
  assert.is(commitsOf('proj/.git/if-board/hub.git'), 1)
})

test('a linked work tree and a detached HEAD share the hub of the clone', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  box.git('clone', 'worktree', 'add', '--quiet', '--detach', '../linked')
  const first = await initIn(box, 'linked')
  const second = await initIn(box, 'clone')
  assert.is(first.hub, box.path('clone/.git/if-board/hub.git'))
  assert.equal([first.kind, second.kind], ['made', 'unchanged'])
  assert.is(box.git('linked', 'status', '--porcelain'), '')
})

test('a submodule has a board of its own, apart from that of the project around it', async () => {
  const url = box.bare('part.git')
  await box.repository('part', url)
  box.git('part', 'push', '--quiet', 'origin', 'main')
  box.git('part.git', 'symbolic-ref', 'HEAD', 'refs/heads/main')
  await box.repository('whole')
  box.git('whole', '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', url, 'sub')
  await put(box, 'whole/sub/TASKS.md', BOARD)
  const report = await initIn(box, 'whole/sub', { from: ['TASKS.md'] })
  assert.is(report.hub, box.path('whole/.git/modules/sub/if-board/hub.git'))
  assert.is(commitsOf('part.git'), 1)
  const local = await initIn(box, 'whole')
  assert.is(local.authority.kind, 'local')
  assert.is.not(local.boardId, report.boardId)
})

test('a submodule without a remote keeps its board in its own hub', async () => {
  await box.repository('part')
  await box.repository('whole')
  box.git('whole', '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', box.path('part'), 'sub')
  const report = await initIn(box, 'whole/sub', { authority: { kind: 'local' } })
  assert.is(report.authority.kind, 'local')
  assert.is(commitsOf('whole/.git/modules/sub/if-board/hub.git'), 1)
})

test('a bare repository can be the clone', async () => {
  const path = box.bare('alone.git')
  const report = await initIn(box, 'alone.git')
  assert.is(report.hub, `${path}/if-board/hub.git`)
  assert.ok(report.next.includes('if-board checkout ../alone-board'))
})

test('the config keeps a person’s way of listing boards', async () => {
  await box.repository('clone')
  await initIn(box, 'clone')
  const hub = 'clone/.git/if-board/hub.git'
  box.git('.', 'clone', '--quiet', hub, 'edit')
  const file = 'edit/.if-board/config.yml'
  const config = await readFile(box.path(file), 'utf8')
  const lists = [
    'boards: # ours\n  # the first\n  - TASK-BOARD.md\n  - "docs/*.md" # more\n',
    'boards: [\n  TASK-BOARD.md,\n  "docs/*.md", # more\n]\n',
  ]
  for (const [at, list] of lists.entries()) {
    // The file as it stood, with the list written by hand.
    await put(box, file, config.replace(/^boards:.*\n/m, list))
    box.git('edit', 'commit', '--quiet', '--all', '--message=edit')
    box.git('edit', 'push', '--quiet')
    await put(box, `clone/N${at}.md`, BOARD)
    await initIn(box, 'clone', { from: [`N${at}.md`] })
    box.git('edit', 'pull', '--quiet')
    const expected = [
      'boards: # ours\n  # the first\n  - TASK-BOARD.md\n  - "docs/*.md" # more\n  - "N0.md"\n',
      'boards: ["N1.md", \n  TASK-BOARD.md,\n  "docs/*.md", # more\n]\n',
    ]
    assert.ok(onBranch(hub, '.if-board/config.yml').includes(expected[at] ?? ''))
  }
})

test.run()
