import { utimesSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, type Ran, run, start, told } from '../support/cli.ts'
import {
  asSession,
  boardNow,
  boardOf,
  type Fleet,
  full,
  locksIn,
  type Member,
  openFleet,
  repositoriesOf,
  seed,
  seeded,
} from '../support/clones.ts'
import { type Tripwire, tripwireFor } from '../support/clones-barrier.ts'
import { brokenChains, notDoneOnce, sealedEvents } from '../support/clones-log.ts'

const KILLS = full ? 100 : 6
const SIZE = 4
/** About the time that git takes to move two refs here, and to send them to a directory. */
const MOVING_MS = { local: 40, file: 200 }
const TASKS = KILLS + SIZE

const places: Readonly<Record<keyof typeof MOVING_MS, string>> = { file: 'clones', local: 'work trees' }

for (const [transport, where] of Object.entries(places) as [keyof typeof MOVING_MS, string][])
  test(`after ${KILLS} commands of ${SIZE} ${where} were killed at any moment, every task is done once`, async () => {
    console.log(`seed ${seed}`)
    const fleet = await openFleet({ transport, size: SIZE, board: boardOf(TASKS) })
    try {
      const { box, members, authority } = fleet
      const story = storyOf(fleet, await tripwireFor(box), MOVING_MS[transport])
      for (let kill = 1; kill <= KILLS; kill += 1) await story.killOne()
      await Promise.all(members.map((member) => story.drain(member)))
      const synced = await story.answered(members[0] as Member, ['sync'])
      assert.is(synced.status, 0, told(synced))
      console.log(`${story.killed()} of ${KILLS} were cut off, ${story.locks()} locks were left behind`)
      const events = sealedEvents(box, authority)
      const ids = Array.from({ length: TASKS }, (_, index) => `T${index + 1}`)
      assert.equal(notDoneOnce(events, ids), [])
      assert.equal(brokenChains(events), [])
      assert.is(boardNow(box, authority).match(/COMPLETED/g)?.length, TASKS)
      assert.equal(locksIn(box, ...repositoriesOf(fleet)), [])
    } finally {
      await fleet.close()
    }
  })

/** What the sessions do, and what each of them holds by the answers that it got. */
function storyOf({ box, members }: Fleet, tripwire: Tripwire, movingMs: number) {
  const random = seeded()
  const held = new Map<string, string>()
  /** Usual time of an undisturbed command: a kill may come at any moment of it. */
  let usualMs = 300
  let killed = 0
  let locks = 0

  const commandOf = (member: Member) => {
    const task = held.get(member.session)
    return task === undefined ? ['next'] : ['done', task]
  }

  const note = (member: Member, ran: Ran) => {
    const { kind, task } = jsonOf(ran)
    if (kind === 'granted' || kind === 'held') held.set(member.session, task.id)
    else held.delete(member.session)
  }

  /** Ask until there is an answer; a lock that a killed process left is named and mended, never worked around. */
  async function answered(member: Member, command: readonly string[]): Promise<Ran> {
    for (let tries = 1; ; tries += 1) {
      const ran = await run(member, ...command, '--json')
      if (ran.status !== 7) {
        usualMs += (ran.ms - usualMs) / 10
        return ran
      }
      assert.ok(tries < 20, told(ran))
      const { code, message } = jsonOf(ran).error
      assert.ok(code.startsWith('authority/'), told(ran))
      if (code !== 'authority/locked') continue
      const lock = /`([^`]+\.lock)`/.exec(message)?.[1]
      assert.ok(lock !== undefined, told(ran))
      await mend(member, box.root, lock)
      locks += 1
    }
  }

  async function killOne(): Promise<void> {
    const member = members[Math.floor(random() * members.length)] as Member
    const other = members.find((one) => one !== member && random() < 0.5)
    const command = commandOf(member)
    const victim = start(asSession(member, tripwire.variables), ...command, '--json')
    const meanwhile = other === undefined ? undefined : step(other)
    if (random() < 0.5) await sleep(random() * usualMs)
    else await tripwire.tripped(victim.finished).then(() => sleep(random() * movingMs))
    victim.kill()
    if ((await victim.finished).status === -1) killed += 1
    await meanwhile
    const again = await answered(member, command)
    assert.is(again.status, 0, told(again))
    note(member, again)
  }

  async function step(member: Member): Promise<boolean> {
    const ran = await answered(member, commandOf(member))
    if (ran.status === 3) return jsonOf(ran).none.finished !== true
    assert.is(ran.status, 0, told(ran))
    note(member, ran)
    return true
  }

  async function drain(member: Member): Promise<void> {
    while (await step(member)) await sleep(held.has(member.session) ? 0 : 100)
  }

  return { answered, killOne, drain, killed: () => killed, locks: () => locks }
}

/** Ten minutes later a lock without an owner may be removed. */
async function mend(member: Member, root: string, lock: string): Promise<void> {
  const path = lock.startsWith('/') ? lock : `${root}/remote.git/${lock.replace(/^\.\//, '')}`
  const then = new Date(Date.now() - 11 * 60_000)
  utimesSync(path, then, then)
  const mended = await run(member, 'doctor', '--fix')
  assert.ok(mended.stdout.includes('.lock') || mended.status === 0, told(mended))
}

test.run()
