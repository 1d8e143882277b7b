import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { COMMANDS } from '../../src/cli/commands/index.ts'
import { BOARD, makeWorld, putBoards, type World } from './world.ts'

const test = suite<{ world: World }>('the command line')

test.before(async (context) => {
  context.world = await makeWorld()
})
test.after((context) => context.world.remove())

test('help, version and completion answer on stdout', async ({ world }) => {
  const help = await world.run(world.root, ['--help'])
  assert.is(help.status, 0)
  for (const { name, summary, hidden } of COMMANDS) {
    const isListed = new RegExp(`^  ${name} +${summary}$`, 'm').test(help.stdout)
    assert.is(isListed, hidden !== true, name)
  }
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  assert.is((await world.run(world.root, ['--version'])).stdout, `${version}\n`)
  const next = await world.run(world.root, ['next', '--help'])
  assert.match(next.stdout, '--wait')
  assert.match(next.stdout, 'if-board next --wait 600 --json')
})

test('every command has help with an example', async () => {
  for (const { name, load } of COMMANDS) {
    const { usage, examples } = await load()
    assert.ok(usage === name || usage.startsWith(`${name} `), `${name}: ${usage}`)
    assert.ok(examples.length > 0, name)
  }
})

test('usage errors are one line, a hint and exit 2', async ({ world }) => {
  const cases: [string[], RegExp, RegExp][] = [
    [[], /no command was typed/, /--help/],
    [['nxt'], /no command `nxt`/, /if-board next\n/],
    [['next', '--wiat', '3'], /Unknown argument: wiat/, /--wait/],
    [['claim'], /expected `if-board claim <task>`/, /claim --help/],
    [['claim', 'A', 'B'], /Unknown argument: B/, /claim --help/],
    [['next', '--session'], /session/, /next --help/],
  ]
  for (const [args, message, hint] of cases) {
    const { status, stdout, stderr } = await world.run(world.root, args)
    assert.is(status, 2, args.join(' '))
    assert.is(stdout, '')
    const lines = stderr.split('\n')
    assert.is(lines.length, 3, stderr)
    assert.match(lines[0] ?? '', message)
    assert.match(lines[0] ?? '', /\[usage\/invalid\]$/)
    assert.match(`${lines[1]}\n`, hint)
  }
})

test('with --json an error is one object on stdout', async ({ world }) => {
  const { status, stdout, stderr } = await world.run(world.root, ['next', '--json'])
  assert.is(status, 1)
  assert.is(stderr, '')
  const { schema, kind, error } = JSON.parse(stdout)
  assert.equal({ schema, kind }, { schema: 'if-board/v1', kind: 'error' })
  assert.is(error.code, 'repo/not-found')
  assert.equal(Object.keys(error), ['code', 'message', 'hint', 'place'])
})

test('--debug prints what is underneath and the number of git commands', async ({ world }) => {
  const { stderr } = await world.run(world.root, ['next', '--debug'])
  assert.match(stderr, /IfBoardError|repo\/not-found/)
  assert.match(stderr, /\d+ git commands/)
})

test('a project without boards says what to type', async ({ world }) => {
  const folder = await world.clone('empty')
  const { status, stderr } = await world.run(folder, ['next'])
  assert.is(status, 1)
  assert.match(stderr, '[board/not-initialised]\n  try: if-board init\n')
})

test('a clone of a project with boards takes part by itself', async ({ world }) => {
  const { folder, url } = await remoteProject(world, 'shared')
  const other = join(world.root, 'shared-clone')
  await world.git(world.root, 'clone', '--quiet', url, other)
  const { status, stdout, stderr } = await world.run(other, ['next', '--session', 'two', '--json'])
  assert.is(status, 0, stderr)
  assert.is(JSON.parse(stdout).task.id, 'A1')
  assert.match(stderr, /takes part in the boards of `origin`/)
  const first = await world.run(folder, ['claim', 'A1', '--session', 'one'])
  assert.is(first.status, 4, 'both clones ask one authority')
})

test('a remote that does not answer is exit 7, never "nothing to do"', async ({ world }) => {
  const { folder, url } = await remoteProject(world, 'gone')
  await world.git(world.root, 'clone', '--quiet', url, 'gone-clone')
  const { rename } = await import('node:fs/promises')
  await rename(url, `${url}.away`)
  for (const place of [folder, join(world.root, 'gone-clone')]) {
    const { status, stderr } = await world.run(place, ['next', '--session', 'one'])
    assert.is(status, 7, stderr)
    assert.match(stderr, '[authority/unreachable]')
  }
})

test('a changed URL of the remote stops, and names the way on', async ({ world }) => {
  const { folder, url } = await remoteProject(world, 'moved')
  await world.git(folder, 'remote', 'set-url', 'origin', `${url}-new`)
  const { status, stderr } = await world.run(folder, ['next', '--session', 'one'])
  assert.is(status, 1)
  assert.match(stderr, '[authority/changed]')
  assert.match(stderr, 'if-board init --remote origin')
})

test('interrupted while it waits: exit 130', async ({ world }) => {
  const folder = await world.clone('waiting')
  await putBoards(folder, { 'TASK-BOARD.md': BOARD })
  for (const [task, session] of [
    ['A1', 'one'],
    ['A3', 'two'],
  ] as const)
    await world.run(folder, ['claim', task, '--session', session])
  const status = await world.interrupt(folder, ['next', '--wait', '30'])
  assert.is(status, 130)
  assert.is(await world.interrupt(folder, ['status', '--watch']), 130)
})

async function remoteProject(world: World, name: string): Promise<{ folder: string; url: string }> {
  const url = join(world.root, `${name}.git`)
  await mkdir(url)
  await world.git(url, 'init', '--quiet', '--bare', '--initial-branch=main')
  const folder = await world.clone(name)
  await world.git(folder, 'remote', 'add', 'origin', url)
  await world.git(folder, 'push', '--quiet', 'origin', 'main')
  await putBoards(folder, { 'TASK-BOARD.md': BOARD }, url)
  return { folder, url }
}

test.run()
