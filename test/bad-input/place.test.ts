import { mkdir, rename } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, run, told } from '../support/cli.ts'
import { boardOf, initIn, type Member, openFleet } from '../support/clones.ts'
import { freePort, sandbox } from '../support/git-servers.ts'
import { sampled } from '../support/sampled.ts'
import { refuses } from './expect.ts'

/** Every command that needs a board, as it is typed. */
const COMMANDS: readonly (readonly string[])[] = [
  ['next'],
  ['claim', 'T1'],
  ['done', 'T1'],
  ['fail', 'T1', '--reason', 'x'],
  ['block', 'T1', '--on', 'x'],
  ['unblock', 'T1'],
  ['release', 'T1'],
  ['renew'],
  ['note', 'T1', 'x'],
  ['join', 'anna'],
  ['pause', 'T1'],
  ['resume', 'T1'],
  ['status'],
  ['list'],
  ['show', 'T1'],
  ['why', 'T1'],
  ['graph'],
  ['lint'],
  ['sync'],
]

test('outside of any repository every command says so', async () => {
  const box = sandbox()
  try {
    await mkdir(box.path('plain'))
    const where = { cwd: box.path('plain'), env: box.environment }
    for (const command of sampled(COMMANDS, 3)) await refuses(where, command, { status: 1, code: 'repo/not-found' })
    await refuses(where, ['init'], { status: 1, code: 'repo/not-found' })
  } finally {
    await box.remove()
  }
})

test('a project without boards is told how to begin, and gets nothing by asking', async () => {
  const box = sandbox()
  try {
    const bare = box.bare('remote.git')
    await box.repository('alone')
    await box.repository('clone', bare)
    for (const folder of ['alone', 'clone'])
      for (const command of sampled([['next'], ['done'], ['list'], ['sync']], 2))
        await refuses({ cwd: box.path(folder), env: box.environment }, command, {
          status: 1,
          code: 'board/not-initialised',
        })
    assert.is(box.git('remote.git', 'for-each-ref'), '')
    assert.not.match(box.git('clone', 'for-each-ref'), 'if-board')
  } finally {
    await box.remove()
  }
})

test('a remote that is gone is never an empty board, and what was held is held afterwards', async () => {
  const fleet = await openFleet({ transport: 'file', size: 2, board: boardOf(2) })
  try {
    const [one, two] = fleet.members as [Member, Member]
    const granted = await run(one, 'next', '--json')
    assert.is(granted.status, 0, told(granted))
    await rename(fleet.authority, `${fleet.authority}-moved`)
    const commands = [['next'], ['done'], ['renew'], ['join', 'anna'], ['pause', 'T1'], ['list'], ['sync']]
    for (const command of sampled(commands, 3))
      await refuses(one, command, { status: 7, code: 'authority/unreachable' })
    await refuses(two, ['next'], { status: 7, code: 'authority/unreachable' })
    await refuses(two, ['next', '--wait', '1'], { status: 7, code: 'authority/unreachable' })
    await rename(`${fleet.authority}-moved`, fleet.authority)
    const held = await run(one, 'next', '--json')
    assert.is(jsonOf(held).kind, 'held', told(held))
    assert.is(jsonOf(held).task.id, jsonOf(granted).task.id)
  } finally {
    await fleet.close()
  }
})

test('a server that nobody runs is unreachable, whatever its URL', async () => {
  const box = sandbox()
  try {
    const port = await freePort()
    for (const [index, url] of [`http://127.0.0.1:${port}/x.git`, `git://127.0.0.1:${port}/x.git`].entries()) {
      await box.repository(`clone-${index}`, url)
      const where = { cwd: box.path(`clone-${index}`), env: box.environment }
      for (const command of [['next'], ['init']])
        await refuses(where, command, { status: 7, code: 'authority/unreachable' })
    }
  } finally {
    await box.remove()
  }
})

test('of two live sessions with one name the second is refused, and neither loses anything', async () => {
  const fleet = await openFleet({ transport: 'file', size: 2, board: boardOf(3) })
  try {
    const [one, two] = fleet.members as [Member, Member]
    const first = await run(one, 'next', '--json')
    assert.is(first.status, 0, told(first))
    const thief = { cwd: two.cwd, env: { ...two.env, IF_BOARD_SESSION: one.session } }
    const taken = { status: 1, code: 'session/name-taken' }
    for (const command of sampled([['next'], ['claim', 'T2'], ['done'], ['renew'], ['join', one.session]], 2))
      await refuses(thief, command, taken)
    await refuses(two, ['next', '--session', one.session], taken)
    const done = await run(one, 'done', '--json')
    assert.is(jsonOf(done).task.id, jsonOf(first).task.id, told(done))
    assert.is((await run(two, 'next')).status, 0)
  } finally {
    await fleet.close()
  }
})

test('names that no session can have, and none that a person owns', async () => {
  const fleet = await openFleet({ transport: 'local', size: 1, board: boardOf(1) })
  try {
    const [one] = fleet.members as [Member]
    const names = ['../x', 'a b', '-x', 'a/b', '..', 'x\u001b[31m', 'person', 'ä', 'x'.repeat(65), '.git']
    for (const name of sampled(names, 3))
      await refuses({ cwd: one.cwd, env: { ...one.env, IF_BOARD_SESSION: name } }, ['next'], {
        status: 1,
        code: 'session/invalid-name',
      })
    assert.is(fleet.box.git('.', `--git-dir=${fleet.authority}`, 'for-each-ref', 'refs/if-board'), '')
  } finally {
    await fleet.close()
  }
})

test('a board begun twice in one clone is one board', async () => {
  const box = sandbox()
  try {
    const bare = box.bare('remote.git')
    await box.repository('main', bare)
    await initIn(box, 'main', boardOf(1))
    const before = box.git('remote.git', 'for-each-ref')
    await initIn(box, 'main', boardOf(1))
    assert.is(box.git('remote.git', 'for-each-ref'), before)
  } finally {
    await box.remove()
  }
})

test.run()
