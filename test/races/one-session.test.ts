import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, type Ran, run, told } from '../support/cli.ts'
import { boardOf, type Fleet, full, type Member, openFleet, type Transport } from '../support/clones.ts'
import { answerOf, assertDoneOnce, storyOf } from '../support/clones-story.ts'

const ROUNDS = full ? 25 : 2

const places: Partial<Readonly<Record<Transport, string>>> = { file: 'a clone', local: 'a work tree' }

for (const [transport, where] of Object.entries(places) as [Transport, string][])
  test(`two processes of one session in ${where} get one task and write one chain`, async () => {
    const fleet = await openFleet({ transport, size: 1, board: boardOf(ROUNDS) })
    try {
      const member = fleet.members[0] as Member
      for (let round = 1; round <= ROUNDS; round += 1) {
        const asked = await twice(member, 'next')
        const tasks = new Set(asked.map((ran) => jsonOf(ran).task.id))
        assert.is(tasks.size, 1, asked.map(told).join('\n'))
        const [task] = tasks
        // What a hook does beside a command must not get into its way.
        const beside = answerOf(member, 'note', task, `round ${round}`)
        const done = await twice(member, 'done', task)
        for (const ran of done) assert.is(jsonOf(ran).kind, 'completed', told(ran))
        const noted = await beside
        assert.is(noted.status, 0, told(noted))
      }
      await assertDoneOnce(fleet, storyOf(fleet), ROUNDS)
    } finally {
      await fleet.close()
    }
  })

async function twice(member: Member, ...command: string[]): Promise<Ran[]> {
  const runs = await Promise.all([answerOf(member, ...command), answerOf(member, ...command)])
  for (const ran of runs) assert.is(ran.status, 0, told(ran))
  return runs
}

/** A coding tool in the folder of the member: it says who it is by its own variable alone. */
function tool({ cwd }: Member, { box }: Fleet, variable: string, id: string): Member {
  return { session: id, cwd, env: { ...box.environment, [variable]: id } }
}

for (const [first, second] of [
  ['CLAUDE_CODE_SESSION_ID', 'CLAUDE_CODE_SESSION_ID'],
  ['CLAUDE_CODE_SESSION_ID', 'CODEX_THREAD_ID'],
] as const)
  test(`two coding tools in one folder (${first}, ${second}) never get one task`, async () => {
    const fleet = await openFleet({ transport: 'local', size: 1, board: boardOf(8) })
    try {
      const member = fleet.members[0] as Member
      const tools = [tool(member, fleet, first, 'aaaa-1'), tool(member, fleet, second, 'bbbb-2')]
      const runs = await Promise.all(tools.map((one) => answerOf(one, 'next')))
      const answers = runs.map(told).join('\n')
      const got = runs.filter(({ status }) => status === 0).map((ran) => jsonOf(ran).task.id)
      assert.is(new Set(got).size, got.length, answers)
      assert.ok(got.length > 0, answers)
      for (const ran of runs.filter(({ status }) => status !== 0)) {
        assert.is(ran.status, 2, told(ran))
        assert.is(jsonOf(ran).error.code, 'session/shared')
        assert.match(jsonOf(ran).error.hint, /if-board join/)
      }
      // Whoever was told to takes a name, and from then on both work beside each other.
      const names = ['left', 'right']
      for (const [at, one] of tools.entries()) {
        if (runs[at]?.status === 0) continue
        const joined = await run(one, 'join', names[at] as string)
        assert.is(joined.status, 0, told(joined))
      }
      const again = await Promise.all(tools.map((one) => answerOf(one, 'next')))
      for (const ran of again) assert.is(ran.status, 0, told(ran))
      assert.is(new Set(again.map((ran) => jsonOf(ran).task.id)).size, 2, again.map(told).join('\n'))
      for (const [at, one] of tools.entries()) {
        const done = await answerOf(one, 'done')
        assert.is(jsonOf(done).task.id, jsonOf(again[at] as Ran).task.id, told(done))
      }
    } finally {
      await fleet.close()
    }
  })

test.run()
