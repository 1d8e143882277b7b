import { writeFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, run, told } from '../support/cli.ts'
import { boardNow, boardOf, type Fleet, type Member } from '../support/clones.ts'
import { sampled } from '../support/sampled.ts'
import { assertHarmless, refuses, succeeded, withFleet } from './expect.ts'

const HEAD = '| ID | Task | Status | Dependencies |\n|----|------|--------|--------------|\n'

test('an id that no board has is unknown to every command, and changes nothing', () =>
  withFleet(boardOf(2), async ({ box }, one) => {
    const before = box.git('remote.git', 'for-each-ref', 'refs/if-board/c')
    const unknown = { status: 1, code: 'task/unknown' }
    for (const command of sampled(['done', 'show', 'why', 'unblock', 'release'], 2))
      await refuses(one, [command, 'T9'], unknown)
    for (const id of sampled(['T9', '__proto__', 'constructor', '../T1', 'T1\u001b[2J'], 2))
      await refuses(one, ['claim', id], unknown)
    await refuses(one, ['done', '--', '--help'], unknown)
    assert.is(box.git('remote.git', 'for-each-ref', 'refs/if-board/c'), before)
  }))

test('ids of every shape are claimed, done and written back', () => {
  const ids = [
    'my task',
    'a/b',
    '../../x',
    '-rf',
    '--help',
    '__proto__',
    'constructor',
    'P0.1',
    'P0.1.1',
    'p0.1',
    'Ä.1',
  ]
  const rows = ids.map((id) => `| ${id} | Part | AVAILABLE | None |\n`)
  const work = async ({ box, authority }: Fleet, one: Member) => {
    const listed = jsonOf(succeeded(await run(one, 'list', '--json')))
    assert.equal(
      listed.tasks.map((task: { id: string }) => task.id),
      ids,
    )
    const taken = sampled(ids, 4)
    for (const id of taken) {
      const claimed = succeeded(await run(one, 'claim', '--json', '--', id))
      assert.is(jsonOf(claimed).task.id, id)
      assert.match(jsonOf(claimed).claim.ref, /^refs\/if-board\/c\/[a-z0-9.-]+-[0-9a-f]{8}$/)
      assert.is(jsonOf(succeeded(await run(one, 'done', '--json', '--', id))).kind, 'completed')
    }
    succeeded(await run(one, 'sync'))
    assert.is(boardNow(box, authority).match(/COMPLETED/g)?.length, taken.length)
  }
  return withFleet(`${HEAD}${rows.join('')}`, work, 'local')
})

test('what a title would do to a terminal is never printed', () => {
  const evil = '\u001b[2J\u001b]0;owned\u0007 \u202etxet\u202c \u200bzero\ufeff \u009b31m \u0008back \u007f'
  const board = `# Board ${evil}\n\n${HEAD}| E1 | Paint ${evil} | AVAILABLE ${evil} | None |\n| E2 | Dry ${evil} | AVAILABLE | E1, wait ${evil} |\n| E3 | Sell | ${evil} | E2 |\n\n### E1: ${evil}\n\n**Description:** ${evil}\n\n- [ ] ${evil}\n`
  const work = async (fleet: Fleet, one: Member, two: Member) => {
    const file = `evil-${evil.replace(/[^\u001b\u202e]/g, '')}.md`
    await writeFile(fleet.box.path('tree-1', file), board)
    const views = sampled(
      [
        ['next', '--peek'],
        ['list'],
        ['list', '--ready'],
        ['status'],
        ['show', 'E1'],
        ['show', 'E2'],
        ['why', 'E2'],
        ...['ascii', 'mermaid', 'dot', 'json'].map((format) => ['graph', '--format', format]),
        ['lint'],
        ['lint', file],
        ['lint', '--sarif'],
        ['parse', file],
        ['claim', 'E1'],
        ['next'],
        ['note', 'E1', evil],
        ['done', 'E1', '--note', evil, '--evidence', evil],
        ['status'],
        ['sync'],
        ['show', 'E1'],
        ['next', '--lease', evil],
        ['claim', evil],
        [evil],
        ['doctor'],
      ],
      10,
    )
    for (const command of views) {
      const [ran, json] = await Promise.all([run(one, ...command), run(two, ...command, '--json')])
      assert.ok([0, 1, 2, 3, 4, 6].includes(ran.status), `${command.join(' ')}: ${told(ran)}`)
      assertHarmless(ran)
      assertHarmless(json)
    }
  }
  return withFleet(board, work, 'local')
})

test.run()
