/** The real watcher and the real `fast status` of claims that go to etcd and back by themselves. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, run, told, type Where } from '../support/cli.ts'
import { type EtcdServer, startEtcd, whyNoEtcd } from '../support/etcd.ts'
import { eventually } from '../support/etcd-fleet.ts'
import { parsePrometheus } from '../support/prometheus-text.ts'
import { type SocketWorld, socketWorld } from './socket-world.ts'
import { startWatch } from './world.ts'

const test = suite<{ world: SocketWorld }>('by itself')
const ESCALATE =
  'fast: {escalate: {up: {claims: 1, waitSeconds: 0.1, minutes: 1}, down: {claimsPerMinute: 0.5, minutes: 0.1}, leastMinutes: 0.05}}\n'
const noEtcd = whyNoEtcd()

test.before.each(async (context) => {
  context.world = socketWorld()
  await context.world.project()
})
test.after.each(({ world }) => world.remove())

/** As a person does it in a checkout. */
function set({ box }: SocketWorld, line: string): void {
  const hub = box.path('main/.git/if-board/hub.git')
  box.git('.', 'clone', '--quiet', '--branch', 'if-board/main', hub, 'desk')
  const config = box.path('desk/.if-board/config.yml')
  box.git('desk', 'config', 'core.hooksPath', '/dev/null')
  appendFileSync(config, line)
  box.git('desk', 'commit', '--quiet', '--all', '--message=Claims may go up')
  box.git('desk', 'push', '--quiet', 'origin', 'if-board/main')
}

/** A mode record of the same epoch, as if something else had begun the change. */
function rewriteMode({ box }: SocketWorld, change: (record: object) => object): void {
  const git = (...args: string[]) => box.git('.', `--git-dir=${box.path('main/.git/if-board/hub.git')}`, ...args)
  const ref = 'refs/if-board/mode'
  const message = `${JSON.stringify(change(JSON.parse(git('log', '-1', '--format=%B', ref))))}\n`
  git('update-ref', ref, git('commit-tree', git('rev-parse', `${ref}^{tree}`), '-m', message))
}

async function must(where: Where, ...args: string[]) {
  const ran = await run(where, ...args)
  assert.is(ran.status, 0, `${args.join(' ')}: ${told(ran)}`)
  return ran
}

test('fast status says what is measured, what the thresholds are, and why nothing is changed', async ({ world }) => {
  const ann = world.as('ann')
  await must(ann, 'next')
  const off = jsonOf(await must(ann, 'fast', 'status', '--json')).escalation
  assert.equal([off.on, off.kind, off.why, off.measured.claims], [false, 'stay', 'off', 1])
  assert.match((await must(ann, 'fast', 'status')).stdout, /^Measured: 1 claim of this clone within 5 min, 0 % /m)
  set(world, ESCALATE.replace('0.1, minutes: 1', '600, minutes: 1'))
  const on = jsonOf(await must(ann, 'fast', 'status', '--json')).escalation
  assert.equal([on.on, on.watched, on.why, on.thresholds.up.claims], [true, false, 'claims-are-quick', 1])
  const text = (await must(ann, 'fast', 'status')).stdout
  assert.match(text, /to etcd above 50 % in vain or 600 s, of 1 claim or more; to git below 0.5 claims a minute/)
  assert.match(text, /claims do not wait\n {2}no watcher of this clone is at work/)
})

test('a watcher that knows no etcd tells once that it may not, and a monitor sees it', async ({ world }) => {
  set(world, ESCALATE.replace('waitSeconds: 0.1', 'lostPercent: 1'))
  const ann = world.as('ann')
  const watcher = startWatch(world.as('watcher'), '--listen', '0')
  const listening = await watcher.until(({ event }) => event === 'listening')
  await watcher.until(({ event }) => event === 'started')
  // What a claim of this boot felt: one of two pushes came second.
  await must(ann, 'next')
  const samples = world.box.path('main/.git/if-board/memory/contention')
  writeFileSync(samples, readFileSync(samples, 'utf8').replace(/\d+ \d+ \d+\n$/, '900 2 1\n'))
  const alarm = await watcher.until(({ event }) => event === 'alarm', 90_000)
  assert.equal(
    ['alarm' in alarm && alarm.alarm, 'message' in alarm && alarm.message],
    [
      'switch-held',
      'claims in git wait for each other, and etcd does not take over by itself: no endpoint of etcd is named for this watcher',
    ],
  )
  const url = 'url' in listening ? listening.url : ''
  const metrics = parsePrometheus(await (await fetch(`${url}/metrics`)).text())
  const value = (name: string, label?: string) => {
    const samples = metrics.get(name)?.samples ?? []
    return samples.find(({ labels }) => label === undefined || [...labels.values()].includes(label))?.value
  }
  assert.equal(
    [
      value('if_board_mode', 'git'),
      value('if_board_measured_lost_push_ratio'),
      value('if_board_switch_wanted', 'etcd'),
    ],
    [1, 0.5, 1],
  )
  await watcher.stop()
})

if (noEtcd !== undefined) console.log(`skip: ${noEtcd}, so no watcher goes down by itself`)
else
  test('a watcher takes claims back to git when etcd is quiet, unless a person brought them there today', async ({
    world,
  }) => {
    const server: EtcdServer = await startEtcd()
    try {
      set(world, ESCALATE)
      const etcd = { IF_BOARD_ETCD_ENDPOINTS: `http://${server.address}` }
      const as = (session: string) => world.as(session, 'main', etcd)
      await must(as('ann'), 'fast', 'up', '--lease', '2')
      const watcher = startWatch(as('watcher'))
      const held = await watcher.until((event) => event.event === 'alarm' && event.alarm === 'switch-held', 60_000)
      assert.match('message' in held ? held.message : '', /a person said so within a day: if-board fast up$/)
      rewriteMode(world, (record) => ({ ...record, by: 'contention' }))
      const begun = await watcher.until(({ event }) => event === 'switch-begun', 60_000)
      assert.equal(['to' in begun && begun.to, 'rule' in begun && begun.rule], ['git', 'quiet'])
      const isBack = async () => jsonOf(await run(as('ann'), 'fast', 'status', '--json')).record.mode === 'git'
      assert.ok(await eventually(isBack, 60_000))
      await must(as('ann'), 'next')
      assert.is(jsonOf(await must(as('ann'), 'fast', 'status', '--json')).record.by, 'quiet')
      await watcher.stop()
    } finally {
      await server.close()
    }
  })

test.run()
