import { chmod, rm, writeFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, run, told } from '../support/cli.ts'
import { boardOf, type Member, openFleet } from '../support/clones.ts'
import { sandbox } from '../support/git-servers.ts'
import { sampled } from '../support/sampled.ts'
import { refuses } from './expect.ts'

/** A hook with a grudge, and with words for the terminal. */
const HOOK = "#!/bin/sh\nprintf 'go \\033[31maway\\n' >&2\nexit 1\n"

async function refuseAt(repository: string): Promise<() => Promise<void>> {
  const hook = `${repository}/hooks/pre-receive`
  await writeFile(hook, HOOK)
  await chmod(hook, 0o755)
  return () => rm(hook)
}

test('a server that begins to refuse pushes loses nothing, and nobody is told of an empty board', async () => {
  const fleet = await openFleet({ transport: 'file', size: 2, board: boardOf(3) })
  try {
    const [one, two] = fleet.members as [Member, Member]
    const granted = await run(one, 'next', '--json')
    assert.is(granted.status, 0, told(granted))
    const before = fleet.box.git('remote.git', 'for-each-ref')
    const relent = await refuseAt(fleet.authority)
    const refused = { status: 1, code: 'authority/refused' }
    const holders = [['done'], ['renew'], ['release'], ['note', 'T1', 'x'], ['pause', 'T2'], ['sync']]
    for (const command of sampled(holders, 2)) await refuses(one, command, refused)
    for (const command of sampled([['next'], ['claim', 'T2'], ['join', 'anna']], 1))
      await refuses(two, command, refused)
    assert.is(fleet.box.git('remote.git', 'for-each-ref'), before)
    await relent()
    assert.is(jsonOf(await run(one, 'next', '--json')).task.id, jsonOf(granted).task.id)
    assert.is((await run(one, 'done')).status, 0)
  } finally {
    await fleet.close()
  }
})

test('a server that refuses everything is found out by init, which leaves nothing behind', async () => {
  const box = sandbox()
  try {
    const bare = box.bare('remote.git')
    await box.repository('clone', bare)
    const relent = await refuseAt(bare)
    const where = { cwd: box.path('clone'), env: box.environment }
    const ran = await run(where, 'init', '--json')
    assert.is(ran.status, 1, told(ran))
    await refuses(where, ['init'], { status: 1, code: jsonOf(ran).error.code })
    assert.ok(['authority/refused', 'authority/unsupported'].includes(jsonOf(ran).error.code), told(ran))
    assert.is(box.git('remote.git', 'for-each-ref'), '')
    await refuses(where, ['next'], { status: 1, code: 'board/not-initialised' })
    await relent()
    const begun = await run(where, 'init')
    assert.is(begun.status, 0, told(begun))
  } finally {
    await box.remove()
  }
})

test('a server that hides our refs is used through branches', async () => {
  const box = sandbox()
  try {
    const bare = box.bare('remote.git', 'transfer.hideRefs=refs/if-board')
    await box.repository('clone', bare)
    await writeFile(box.path('clone/B.md'), boardOf(2))
    const where = { cwd: box.path('clone'), env: { ...box.environment, IF_BOARD_SESSION: 's01' } }
    for (const command of [['init', '--from', 'B.md'], ['next'], ['done'], ['next'], ['done'], ['sync']]) {
      const ran = await run(where, ...command)
      assert.is(ran.status, 0, told(ran))
    }
    assert.is(box.git('remote.git', 'show', 'if-board/main:B.md').match(/COMPLETED/g)?.length, 2)
    assert.is(box.git('remote.git', 'for-each-ref', 'refs/if-board'), '')
  } finally {
    await box.remove()
  }
})

test('refs that a server begins to hide are refused, never free', async () => {
  const fleet = await openFleet({ transport: 'file', size: 2, board: boardOf(1) })
  try {
    const [one, two] = fleet.members as [Member, Member]
    assert.is((await run(one, 'next')).status, 0)
    fleet.box.git('remote.git', 'config', 'transfer.hideRefs', 'refs/if-board')
    const asked = await run(two, 'claim', 'T1', '--json')
    assert.is(asked.status, 1, told(asked))
    assert.is(jsonOf(asked).error.code, 'authority/refused', told(asked))
    fleet.box.git('remote.git', 'config', '--unset', 'transfer.hideRefs')
    assert.is((await run(two, 'claim', 'T1')).status, 4)
    assert.is((await run(one, 'done')).status, 0)
  } finally {
    await fleet.close()
  }
})

test.run()
