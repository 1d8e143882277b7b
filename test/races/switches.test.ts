/** Switches whose process is killed with SIGKILL somewhere, and ended by another clone: the real commands. */
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, type Running, run, runPatiently, start, told } from '../support/cli.ts'
import { boardOf, full, type Member, openFleet, seed, seeded } from '../support/clones.ts'
import { type EtcdServer, startEtcd, whyNoEtcd } from '../support/etcd.ts'
import { unlessStalled } from '../support/etcd-stalls.ts'

const test = suite('killed switches')
const noEtcd = whyNoEtcd()
const ROUNDS = full ? 12 : 1
/** Of a whole way up, and of the way down with its wait. */
const [UP_MS, DOWN_MS] = [1500, 4500]
const random = seeded()

if (noEtcd !== undefined) {
  console.log(`skip: ${noEtcd}, so no switch is killed`)
  test.skip('killed switches', () => undefined)
} else
  test(`a switch that is killed anywhere is ended by another clone, and claims stay whose they are (seed ${seed})`, async () => {
    const server = await startEtcd()
    const fleet = await openFleet({ transport: 'file', size: 3, board: boardOf(4) })
    try {
      const [a, b, c] = fleet.members.map((member) => knowing(member, server)) as [Member, Member, Member]
      for (const member of [a, b]) await must(member, 'next')
      for (let round = 0; round < ROUNDS; round += 1)
        await unlessStalled(server, async (tries) => {
          if (tries > 0) await must(b, 'fast', 'down')
          if (tries > 0) for (const member of [a, b]) await must(member, 'next')
          await upAndDown(a, b, c)
        })
      await must(a, 'done')
      await must(b, 'done')
      await must(c, 'sync')
      assert.is((await run(c, 'witness', 'verify')).status, 0)
      const tasks: { status: string }[] = jsonOf(await must(c, 'list', '--json')).tasks
      assert.is(tasks.filter(({ status }) => status === 'done').length, 2)
    } finally {
      await fleet.close()
      await server.close()
    }
  })

/** `c` is killed at both ways, and its switches are ended by the others, who hold a task each. */
async function upAndDown(a: Member, b: Member, c: Member): Promise<void> {
  const up = await killedOr(start(c, 'fast', 'up', '--lease', '2'), random() * UP_MS)
  const mode = jsonOf(await must(a, 'fast', 'up', '--lease', '2', '--json')).record
  assert.equal([mode.mode, mode.carried], ['etcd', 2], up)
  const { engine } = jsonOf(await must(b, 'fast', 'status', '--json'))
  assert.is(engine.isOpen, true, up)

  const down = await killedOr(start(c, 'fast', 'down'), random() * DOWN_MS)
  assert.is(jsonOf(await must(b, 'fast', 'down', '--json')).record.mode, 'git', down)
  assert.equal((await holders(a)).sort(), ['s01', 's02'], `nobody registered, and whoever closed kept: ${down}`)
  for (const member of [a, b]) assert.is(jsonOf(await must(member, 'next', '--json')).kind, 'held', down)
}

function knowing(member: Member, { address }: EtcdServer): Member {
  return { ...member, env: { ...member.env, IF_BOARD_ETCD_ENDPOINTS: `http://${address}` } }
}

async function must(member: Member, ...args: string[]) {
  const ran = await runPatiently(member, ...args)
  assert.is(ran.status, 0, `${args.join(' ')}: ${told(ran)}`)
  return ran
}

/** What was killed, when, for the message of an assertion. */
async function killedOr(running: Running, afterMs: number): Promise<string> {
  await Promise.race([sleep(afterMs), running.finished])
  running.kill()
  return `killed after ${Math.round(afterMs)} ms: ${told(await running.finished)}`
}

async function holders(member: Member): Promise<string[]> {
  const tasks: { status: string; holder: string | null }[] = jsonOf(await must(member, 'list', '--json')).tasks
  return tasks.flatMap(({ status, holder }) => (status === 'claimed' ? [holder ?? ''] : []))
}

test.run()
