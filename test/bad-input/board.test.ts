import { writeFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, run, told } from '../support/cli.ts'
import { boardNow, boardOf, type Fleet, initIn } from '../support/clones.ts'
import { sampled } from '../support/sampled.ts'
import { refuses, succeeded, withFleet } from './expect.ts'

const HEAD = '| ID | Task | Status | Dependencies |\n|----|------|--------|--------------|\n'
const CONFIG = { file: '.if-board/config.yml', line: 1 }
/** Of a session that holds nothing. */
const DECIDING = [['next'], ['claim', 'T2'], ['sync']]

/** A person changes the branch with plain git. */
async function edit(fleet: Fleet, change: (folder: string) => Promise<void>): Promise<void> {
  const { box, authority } = fleet
  const folder = `edit-${Math.random().toString(36).slice(2)}`
  box.git('.', 'clone', '--quiet', '--branch', 'if-board/main', authority, folder)
  await change(folder)
  box.git(folder, 'add', '--all')
  box.git(folder, 'commit', '--quiet', '--message', 'A person was here')
  box.git(folder, 'push', '--quiet')
}

test('tasks that wait for each other are named by lint, never offered, and hold nobody else up', () =>
  withFleet(
    `${HEAD}| A | a | AVAILABLE | C |\n| B | b | AVAILABLE | A |\n| C | c | AVAILABLE | B |\n| D | d | AVAILABLE | None |\n`,
    async (_fleet, one, two) => {
      const linted = await run(one, 'lint', '--json')
      assert.is(linted.status, 6, told(linted))
      const found = jsonOf(linted).diagnostics.find((one: { code: string }) => one.code === 'board/cycle')
      assert.equal([found?.file, found?.line], ['TASK-BOARD.md', 3])
      assert.match(found.message, /`A` → .* → `A`/)
      assert.type(found.hint, 'string')
      assert.is(jsonOf(succeeded(await run(one, 'next', '--json'))).task.id, 'D')
      const nothing = await run(two, 'next', '--json')
      assert.is(nothing.status, 3, told(nothing))
      assert.is(jsonOf(nothing).none.finished, false)
      const asked = await run(two, 'claim', 'B', '--json')
      assert.is(asked.status, 3, told(asked))
      succeeded(await run(one, 'done'))
      assert.is(jsonOf(await run(one, 'next', '--json')).none.finished, false)
    },
  ))

test('a board that is gone from the branch is never an empty board, and comes back with everything', () =>
  withFleet(boardOf(3), async (fleet, one, two) => {
    const { box, authority } = fleet
    succeeded(await run(one, 'next'))
    await edit(fleet, async (folder) => void box.git(folder, 'rm', '--quiet', 'TASK-BOARD.md'))
    const missing = { status: 6, code: 'board/missing', place: CONFIG }
    for (const command of sampled(DECIDING, 1)) await refuses(two, command, missing)
    const linted = await run(two, 'lint', '--json')
    assert.is(linted.status, 6, told(linted))
    assert.is(jsonOf(linted).diagnostics[0].code, 'board/missing')
    await edit(fleet, async (folder) => writeFile(box.path(folder, 'TASK-BOARD.md'), boardOf(3)))
    assert.is(jsonOf(await run(one, 'next', '--json')).kind, 'held')
    succeeded(await run(one, 'done'))
    succeeded(await run(one, 'sync'))
    assert.is(boardNow(box, authority).match(/COMPLETED/g)?.length, 1)
  }))

const NO_TEXTS = [
  ['binary', Uint8Array.from([0x7c, 0, 1, 2, 0xff, 0x0a, 0])],
  ['invalid UTF-8', Uint8Array.from([...new TextEncoder().encode(boardOf(3)), 0xc3, 0x28, 0x0a])],
] as const
for (const [what, bytes] of sampled(NO_TEXTS, 1))
  test(`a board that is ${what} offers nothing, is left as it is, and says where`, () =>
    withFleet(boardOf(3), async (fleet, one, two) => {
      const { box, authority } = fleet
      succeeded(await run(one, 'next'))
      await edit(fleet, async (folder) => writeFile(box.path(folder, 'TASK-BOARD.md'), bytes))
      const head = box.git('remote.git', 'rev-parse', 'if-board/main')
      const command = await run(two, 'next', '--json')
      assert.is(command.status, 1, told(command))
      const { place } = jsonOf(command).error
      assert.is(place.file, 'TASK-BOARD.md')
      const unreadable = { status: 1, code: 'board/not-text', place: { file: place.file, line: place.line } }
      for (const command of sampled(DECIDING, 1)) await refuses(two, command, unreadable)
      assert.is(box.git('remote.git', 'rev-parse', 'if-board/main'), head, 'nobody wrote over it')
      await edit(fleet, async (folder) => writeFile(box.path(folder, 'TASK-BOARD.md'), boardOf(3)))
      assert.is(jsonOf(await run(one, 'next', '--json')).kind, 'held')
      succeeded(await run(one, 'done'))
      succeeded(await run(one, 'sync'))
      assert.is(boardNow(box, authority).match(/COMPLETED/g)?.length, 1)
      await box.repository('fresh')
      await writeFile(box.path('fresh', 'B.md'), bytes)
      await refuses({ cwd: box.path('fresh'), env: box.environment }, ['init', '--from', 'B.md'], {
        ...unreadable,
        place: { file: 'B.md', line: place.line },
      })
      await initIn(box, 'fresh', boardOf(1))
    }))

test('a branch that was rewound stops everything that decides, and is restored from the notes', () =>
  withFleet(boardOf(3), async ({ box, authority }, one, two) => {
    succeeded(await run(two, 'status'))
    const root = box.git('remote.git', 'rev-parse', 'if-board/main')
    const id = jsonOf(succeeded(await run(one, 'next', '--json'))).task.id
    succeeded(await run(one, 'done'))
    succeeded(await run(one, 'sync'))
    succeeded(await run(two, 'status'))
    succeeded(await run(one, 'next'))
    box.git('remote.git', 'update-ref', 'refs/heads/if-board/main', root)
    const rewound = { status: 1, code: 'board/rewound' }
    for (const member of [one, two])
      for (const command of sampled([['next'], ['claim', id], ['done', id], ['sync']], 2))
        await refuses(member, command, rewound)
    assert.is(box.git('remote.git', 'rev-parse', 'if-board/main'), root)
    succeeded(await run(two, 'sync', '--restore'))
    assert.is(boardNow(box, authority).match(/COMPLETED/g)?.length, 1)
    const again = await run(two, 'claim', id, '--json')
    assert.is(again.status, 3, `what was done is not offered again: ${told(again)}`)
    // Every clone that saw the lost fold is told, until somebody there has looked at it too.
    succeeded(await run(one, 'sync', '--restore'))
    assert.is(boardNow(box, authority).match(/COMPLETED/g)?.length, 1)
    const held = succeeded(await run(one, 'next', '--json'))
    assert.is(jsonOf(held).kind, 'held')
    succeeded(await run(one, 'done'))
    succeeded(await run(two, 'sync'))
    assert.is(boardNow(box, authority).match(/COMPLETED/g)?.length, 2)
  }))

test.run()
