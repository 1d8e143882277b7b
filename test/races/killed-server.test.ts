import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, run, told } from '../support/cli.ts'
import { asSession, boardOf, full, type Member, openFleet } from '../support/clones.ts'
import { assertDoneOnce, type Story, storyOf } from '../support/clones-story.ts'
import { sampled } from '../support/sampled.ts'
import { type Killer, killerOf, whyNoStrace } from '../support/strace.ts'

const TASKS = full ? 12 : 9
const noStrace = whyNoStrace()

if (noStrace !== undefined) {
  console.log(`skip: ${noStrace}, so no server is killed between two refs of one push`)
  test.skip('a server that is killed at any ref of a push costs nobody a task', () => undefined)
} else {
  test('a server that is killed at any ref of a push costs nobody a task', async () => {
    const fleet = await openFleet({ transport: 'file', size: 2, board: boardOf(TASKS) })
    try {
      const [one, two] = fleet.members as [Member, Member]
      const story = storyOf(fleet)
      const killer = await killerOf(fleet.box, fleet.members)
      for (const wanted of sampled(['next', 'done', 'sync'] as const, 2)) {
        const struck = await killAtEachRef({ story, killer, member: one, wanted })
        console.log(`killed at ${struck} renames of ${wanted}`)
        assert.ok(struck >= 2, 'each push moves at least two refs')
      }
      // The other session meets what was left and finishes the board.
      while ((await story.step(two)) !== 'finished');
      await assertDoneOnce(fleet, story, TASKS)
    } finally {
      await fleet.close()
    }
  })
}

interface Attack {
  readonly story: Story
  readonly killer: Killer
  readonly member: Member
  readonly wanted: 'next' | 'done' | 'sync'
}

/** Kill the server at rename 1, 2, … of this command's push, until it has no more; how many it had. */
async function killAtEachRef({ story, killer, member, wanted }: Attack): Promise<number> {
  for (let at = 1; at < 12; at += 1) {
    await prepare(story, member, wanted)
    const command = wanted === 'sync' ? ['sync'] : story.commandOf(member)
    const ran = await run(asSession(member, killer.variables(at)), ...command, '--json')
    // Nobody is told of a lost race or an empty board because a server died.
    assert.ok([0, 7].includes(ran.status), told(ran))
    if (ran.status === 7) assert.match(jsonOf(ran).error.code, /^authority\//)
    if (!killer.struck()) return at - 1
    if (wanted === 'sync') assert.is((await story.answered(member, command)).status, 0)
    else assert.is(await story.step(member), 'did')
  }
  throw new Error(`the push of ${wanted} never came to an end`)
}

/** `sync` has something to fold after a completion. */
async function prepare(story: Story, member: Member, wanted: Attack['wanted']): Promise<void> {
  const first = wanted === 'sync' ? 'done' : wanted
  while (story.commandOf(member)[0] !== first) assert.is(await story.step(member), 'did')
  if (wanted === 'sync') assert.is(await story.step(member), 'did')
}

test.run()
