/** The real commands while etcd decides: through a watcher, without one, and with etcd gone. */
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, type Ran, run, runPatiently, told, type Where } from '../support/cli.ts'
import { type EtcdServer, startEtcd, whyNoEtcd } from '../support/etcd.ts'
import { directly, type SocketWorld, socketWorld } from './socket-world.ts'
import { startWatch } from './world.ts'

const test = suite<{ server: EtcdServer; world: SocketWorld }>('commands in etcd')
const noEtcd = whyNoEtcd()

async function must(where: Where, ...args: string[]): Promise<Ran> {
  const ran = await runPatiently(where, ...args)
  assert.is(ran.status, 0, `${args.join(' ')}: ${told(ran)}`)
  return ran
}

/** What the board says of a task, once it says this. */
async function untilStatus(where: Where, id: string, status: string): Promise<void> {
  let found: string | undefined
  for (let tries = 0; tries < 60; tries += 1) {
    const tasks: { id: string; status: string }[] = jsonOf(await must(where, 'list', '--json')).tasks
    found = tasks.find((task) => task.id === id)?.status
    if (found === status) return
    await sleep(500)
  }
  assert.unreachable(`${id} is ${found}, not ${status}`)
}

if (noEtcd !== undefined) {
  console.log(`skip: ${noEtcd}, so no command claims in etcd`)
  test.skip('commands in etcd', () => undefined)
} else {
  test.before.each(async (context) => {
    context.server = await startEtcd()
    context.world = socketWorld()
    await context.world.project()
  })
  test.after.each(async ({ server, world }) => {
    await world.remove()
    await server.close()
  })

  test('sessions take, keep, give back and end tasks, by the watcher and by themselves; then git goes on', async ({
    server,
    world,
  }) => {
    const etcd = { IF_BOARD_ETCD_ENDPOINTS: `http://${server.address}` }
    const as = (session: string) => world.as(session, 'main', etcd)
    const [ann, ben, cay] = [as('ann'), directly(as('ben')), as('cay')]
    await must(ann, 'fast', 'up', '--lease', '15')
    const watcher = startWatch(as('watcher'))
    await watcher.until(({ event }) => event === 'started', 60_000)
    await must(ann, 'fast', 'up', '--wait')

    const granted = jsonOf(await must(ann, 'next', '--json'))
    assert.is(granted.kind, 'granted')
    assert.is(jsonOf(await must(ann, 'next', '--json')).kind, 'held')
    const alone = await must(ben, 'next', '--json')
    assert.is(jsonOf(alone).kind, 'granted')
    assert.is.not(jsonOf(alone).task.id, granted.task.id)
    assert.match(alone.stderr, /without a watcher this claim ends in 30 minutes/)
    await must(ben, 'renew')
    assert.is((await run(cay, 'claim', granted.task.id)).status, 4, 'ann holds it')

    const done = await must(ann, 'done', '--json')
    assert.equal([jsonOf(done).kind, jsonOf(done).inGit], ['completed', false])
    assert.match(done.stderr, /not yet in git/)
    await must(ben, 'release', '--reason', 'not mine')
    assert.is(jsonOf(await must(cay, 'next', '--json')).kind, 'granted')
    await must(cay, 'fail', '--reason', 'it broke')
    await untilStatus(ann, granted.task.id, 'done')
    assert.is(jsonOf(await must(ann, 'done', granted.task.id, '--json')).kind, 'completed')

    const last = jsonOf(await must(ann, 'next', '--json'))
    const lone = jsonOf(await must(ben, 'next', '--json')).task.id
    await must(directly(ann), 'fast', 'down')
    assert.is(jsonOf(await must(ann, 'next', '--json')).kind, 'held', 'what was registered is held on')
    await must(ann, 'done')
    const kept = jsonOf(await must(ben, 'next', '--json'))
    assert.equal([kept.kind, kept.task.id], ['held', lone], 'what etcd showed, and no watcher registered')
    await must(ben, 'done')
    await untilStatus(ann, lone, 'done')
    await must(ann, 'sync')
    await untilStatus(ann, last.task.id, 'done')
    await must(ann, 'witness', 'verify', '--level', 'full')
    await watcher.stop()
  })

  test('an etcd that is gone is no empty board', async ({ server, world }) => {
    const ann = world.as('ann', 'main', { IF_BOARD_ETCD_ENDPOINTS: `http://${server.address}` })
    await must(ann, 'fast', 'up', '--lease', '6')
    await server.kill()
    const gone = await run(ann, 'next', '--json')
    assert.is(gone.status, 7, told(gone))
    assert.is(jsonOf(gone).error.code, 'authority/unreachable')
  })
}

test.run()
