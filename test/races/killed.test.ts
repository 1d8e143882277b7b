import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { run, start, told } from '../support/cli.ts'
import { asSession, boardOf, full, type Member, openFleet, seed, seeded } from '../support/clones.ts'
import { tripwireFor } from '../support/clones-barrier.ts'
import { assertDoneOnce, type Story, storyOf } from '../support/clones-story.ts'

const KILLS = full ? 100 : 4
const SIZE = full ? 4 : 3
const TASKS = KILLS + SIZE
/** About the time that git takes to move two refs here, and to send them to a directory. */
const MOVING_MS = { local: 40, file: 200 }

const places: Readonly<Record<keyof typeof MOVING_MS, string>> = { file: 'clones', local: 'work trees' }

for (const [transport, where] of Object.entries(places) as [keyof typeof MOVING_MS, string][])
  test(`after ${KILLS} commands of ${SIZE} ${where} were killed at any moment, every task is done once`, async () => {
    console.log(`seed ${seed}`)
    const fleet = await openFleet({ transport, size: SIZE, board: boardOf(TASKS) })
    try {
      const story = storyOf(fleet)
      const tripwire = await tripwireFor(fleet.box)
      const random = seeded()
      let cutOff = 0
      for (let kill = 1; kill <= KILLS; kill += 1) {
        const member = fleet.members[Math.floor(random() * SIZE)] as Member
        const other = fleet.members.find((one) => one !== member && random() < 0.5)
        const victim = start(asSession(member, tripwire.variables), ...story.commandOf(member), '--json')
        const meanwhile = other === undefined ? undefined : story.step(other)
        // Every other one at the moment when refs move, where a kill leaves locks behind.
        if (kill % 2 === 0) await sleep(random() * story.usualMs())
        else await tripwire.tripped(victim.finished).then(() => sleep(random() * MOVING_MS[transport]))
        victim.kill()
        if ((await victim.finished).status === -1) cutOff += 1
        await meanwhile
        await story.step(member)
      }
      await Promise.all(fleet.members.map((member) => drain(story, member)))
      console.log(`${cutOff} of ${KILLS} commands were cut off, ${story.locks()} times a lock was left behind`)
      await assertDoneOnce(fleet, story, TASKS)
    } finally {
      await fleet.close()
    }
  })

test('a lock file whose owner was killed before it wrote its name holds nobody up', async () => {
  const fleet = await openFleet({ transport: 'file', size: 1, board: boardOf(1) })
  try {
    const member = fleet.members[0] as Member
    await run(member, 'status')
    await writeFile(join(member.cwd, '.git/if-board/hub.git/if-board-fetch.lock'), '')
    const ran = await run(member, 'next')
    assert.is(ran.status, 0, told(ran))
    assert.ok(ran.ms < 15_000, told(ran))
  } finally {
    await fleet.close()
  }
})

async function drain(story: Story, member: Member): Promise<void> {
  for (;;) {
    const did = await story.step(member)
    if (did === 'finished') return
    if (did === 'waits') await sleep(100)
  }
}

test.run()
