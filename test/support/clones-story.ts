/** What sessions of a fleet do one after the other, and what each holds by the answers that it got. */
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { jsonOf, type Ran, run, told } from './cli.ts'
import { boardNow, type Fleet, type Member, repositoriesOf } from './clones.ts'
import { brokenChains, notDoneOnce, sealedEvents } from './clones-log.ts'
import { ageLeft, locksIn, locksLeftIn } from './left-locks.ts'

export interface Story {
  /** `next`, or `done` of what the session holds. */
  commandOf(member: Member): readonly string[]
  /** Run until there is an answer; a lock that a killed process left is named and mended, never worked around. */
  answered(member: Member, command: readonly string[]): Promise<Ran>
  /** One command that must succeed, or say that nothing is ready now. */
  step(member: Member): Promise<'did' | 'waits' | 'finished'>
  /** Undisturbed commands took about this long. */
  usualMs(): number
  /** Locks that had to be mended. */
  locks(): number
}

/** Commands that are asked again because the authority was busy, at most. */
const PATIENCE = 20

export function storyOf({ authority }: Fleet): Story {
  const held = new Map<string, string>()
  let usualMs = 300
  let locks = 0

  const commandOf = ({ session }: Member) => {
    const task = held.get(session)
    return task === undefined ? ['next'] : ['done', task]
  }

  async function answered(member: Member, command: readonly string[]): Promise<Ran> {
    for (let tries = 1; ; tries += 1) {
      const ran = await run(member, ...command, '--json')
      if (ran.status !== 7) {
        usualMs += (ran.ms - usualMs) / 10
        return ran
      }
      assert.ok(tries < PATIENCE, told(ran))
      const lock = lockNamedBy(ran)
      if (lock === undefined) continue
      await mend(member, authority, lock)
      locks += 1
    }
  }

  async function step(member: Member) {
    const ran = await answered(member, commandOf(member))
    if (ran.status === 3) return jsonOf(ran).none.finished === true ? 'finished' : 'waits'
    assert.is(ran.status, 0, told(ran))
    const { kind, task } = jsonOf(ran)
    if (kind === 'granted' || kind === 'held') held.set(member.session, task.id)
    else held.delete(member.session)
    return 'did'
  }

  return { commandOf, answered, step, usualMs: () => usualMs, locks: () => locks }
}

/**
 * Run until there is an answer, where nobody is killed: that the authority is busy, or locked by a git that lives but
 * is slow, passes by itself.
 */
export async function answerOf(member: Member, ...command: readonly string[]): Promise<Ran> {
  for (let tries = 1; ; tries += 1) {
    const ran = await run(member, ...command, '--json')
    if (ran.status !== 7) return ran
    assert.match(jsonOf(ran).error.code, /^authority\//, told(ran))
    assert.ok(tries < PATIENCE, told(ran))
    await sleep(200)
  }
}

/** Exit 7 says that nobody knows; only `authority/locked` names a file. */
function lockNamedBy(ran: Ran): string | undefined {
  const { code, message } = jsonOf(ran).error
  assert.ok(code.startsWith('authority/'), told(ran))
  if (code !== 'authority/locked') return undefined
  const lock = /`([^`]+\.lock)`/.exec(message)?.[1]
  assert.ok(lock !== undefined, told(ran))
  return lock
}

/** Ten minutes later a lock without an owner may be taken away. */
async function mend(member: Member, authority: string, lock: string): Promise<void> {
  const named = lock.startsWith('/') ? lock : `${authority}/${lock}`
  // A killed transaction leaves a lock for each of its refs, and git names the first.
  await ageLeft(new Set([named, ...locksIn({ root: '' }, authority).map((found) => `/${found}`)]))
  const mended = await run(member, 'doctor', '--fix')
  assert.ok(mended.status === 0 || mended.status === 6, told(mended))
}

/** The whole board is done, once each, in chains without gap or fork, nothing is locked, and the log verifies. */
export async function assertDoneOnce(fleet: Fleet, story: Story, tasks: number): Promise<void> {
  const { box, members, authority } = fleet
  const synced = await story.answered(members[0] as Member, ['sync'])
  assert.is(synced.status, 0, told(synced))
  const events = sealedEvents(box, authority)
  const ids = Array.from({ length: tasks }, (_, index) => `T${index + 1}`)
  assert.equal(notDoneOnce(events, ids), [])
  assert.equal(brokenChains(events), [])
  assert.is(boardNow(box, authority).match(/COMPLETED/g)?.length, tasks)
  // Where somebody is killed in the middle of an update of the memory, its lock stays until the next one takes it over.
  const left = await locksLeftIn(box, ...repositoriesOf(fleet))
  assert.equal(
    left.filter((path) => !path.includes('if-board/memory/')),
    [],
  )
  await assertVerified(members[0] as Member)
}

/** Whatever was killed on the way, the log is what was written. */
export async function assertVerified(member: Member): Promise<void> {
  const verified = await run(member, 'witness', 'verify', '--level', 'audit', '--json')
  assert.is(verified.status, 0, told(verified))
}
