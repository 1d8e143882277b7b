/** `fast status` and `fast probe` as they are typed, on a real etcd; what etcdctl shows is what status prints. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { GIT_ALONE, type ModeRecord, renderMode } from '../../src/fast/index.ts'
import { type EtcdServer, startEtcd, whyNoEtcd } from '../support/etcd.ts'
import { unlessStalled } from '../support/etcd-stalls.ts'
import { claimed, claimOf, leaseOf, linkTo, openSpace } from '../support/fast-space.ts'
import { type Answer, BOARD, makeWorld, putBoards, type World } from './world.ts'

const test = suite<{ world: World; server: EtcdServer }>('fast, as it is typed')
const noEtcd = whyNoEtcd()
const GIT_DECIDES = 'Git decides claims. Epoch 0, mode lease 15 s.'
const NONCE = '0123456789abcdef0123456789abcdef'
const IN_ETCD: ModeRecord = { mode: 'etcd', epoch: 1, since: 0, nonce: NONCE, leaseMs: 15_000, manifest: [] }

/** One that a failed test has left running would keep this process from ending. */
const shadows: ChildProcess[] = []

test.before(async (context) => {
  context.world = await makeWorld()
})
test.after(({ world }) => {
  for (const shadow of shadows) shadow.kill('SIGKILL')
  return world.remove()
})

test('without an etcd, git decides and there is nothing to probe', async ({ world }) => {
  const folder = await projectIn(world, 'alone')
  const status = await world.run(folder, ['fast', 'status'])
  assert.equal([status.status, status.stdout], [0, `${GIT_DECIDES}\n`])
  const probe = await world.run(folder, ['fast', 'probe'])
  assert.is(probe.status, 1)
  assert.match(probe.stderr, /no endpoint of etcd is named \[fast\/settings\]\n {2}try: Set IF_BOARD_ETCD_ENDPOINTS=/)
})

test('an etcd that is gone is found out by the probe, and by status while it decides', async ({ world }) => {
  const folder = await projectIn(world, 'gone')
  const environment = { IF_BOARD_ETCD_ENDPOINTS: 'http://127.0.0.1:1' }
  const probe = await world.run(folder, ['fast', 'probe', '--json'], environment)
  assert.is(probe.status, 6)
  assert.is(JSON.parse(probe.stdout).checks[0].ok, false)
  assert.is((await world.run(folder, ['fast', 'status'], environment)).status, 0, 'git decides: nobody is asked')
  await setMode(world, folder)
  const status = await world.run(folder, ['fast', 'status', '--json'], environment)
  assert.equal([status.status, JSON.parse(status.stdout).engine.kind], [7, 'unreached'])
})

test('without an etcd that answers nothing goes up, and going down needs none', async ({ world }) => {
  const folder = await projectIn(world, 'grounded')
  const environment = { IF_BOARD_ETCD_ENDPOINTS: 'http://127.0.0.1:1' }
  const up = await world.run(folder, ['fast', 'up'], environment)
  assert.is(up.status, 7)
  assert.match(up.stderr, /git goes on deciding claims: .*\[fast\/unreached\]\n {2}try: if-board fast probe/s)
  assert.match((await world.run(folder, ['fast', 'up', '--lease', '1'], environment)).stderr, /2 to 600 whole seconds/)
  const down = await world.run(folder, ['fast', 'down'])
  assert.equal([down.status, down.stdout], [0, 'Nothing to do. Git decides claims. Epoch 0, mode lease 15 s.\n'])
})

test('while etcd decides and does not answer, claims say so, and never that there is nothing', async ({ world }) => {
  const folder = await projectIn(world, 'elsewhere')
  await setMode(world, folder)
  const environment = { IF_BOARD_ETCD_ENDPOINTS: 'http://127.0.0.1:1' }
  for (const command of [['next'], ['claim', 'A1']]) {
    const asked = await world.run(folder, command, environment)
    assert.is(asked.status, 7, asked.stderr)
    assert.match(asked.stderr, /etcd.* \[(fast|authority)\/\w+\]\n {2}try: /s)
  }
})

if (noEtcd !== undefined) {
  console.log(`skip: ${noEtcd}, so no real etcd is shown`)
  test.skip('status and probe on a real etcd', () => undefined)
} else {
  test.before(async (context) => {
    context.server = await startEtcd()
  })
  test.after(({ server }) => server.close())

  test('status tells what etcdctl shows', async ({ world, server }) => {
    const folder = await projectIn(world, 'shown')
    const board = await setMode(world, folder)
    const link = await linkTo(server.path, { board, epoch: 1, nonce: NONCE })
    await openSpace(link, ['T1', 'T2', 'T3'])
    const held = await claimed(link, await leaseOf(link), 'T1')
    await claimed(link, await leaseOf(link), 'T2', claimOf('ben'))
    await link.claims.done([{ ...held, completion: '{}' }])
    await link.close()

    const environment = { IF_BOARD_ETCD_ENDPOINTS: `http://${server.address}` }
    const reached = await untilReached(() => world.run(folder, ['fast', 'status'], environment))
    assert.match(
      reached.stdout,
      /^etcd decides claims\. Epoch 1, mode lease 15 s\.\netcd at revision \d+: 2 ready or held, 1 held, 1 done/,
    )
    assert.match(reached.stdout, /TASKS\.md:T2 {2}held by ben\n.*TASKS\.md:T1 {2}done by ada, not yet in git/)
    const { stdout } = await untilReached(() => world.run(folder, ['fast', 'status', '--json'], environment))
    const { engine } = JSON.parse(stdout)
    const prefix = `/ifb/${board}/1/`
    const keys = (await server.ctl('get', '--prefix', '--keys-only', prefix)).split('\n').filter((line) => line !== '')
    const told = [
      ...engine.claims.map(({ task }: { task: string }) => `c/${task}`),
      ...engine.done.map(({ task }: { task: string }) => `d/${task}`),
      ...engine.ready.map((task: string) => `r/${task}`),
      ...['armed', 'epoch', 'projector'],
    ]
    assert.equal(told.map((name) => `${prefix}${name}`).sort(), keys.sort())
    assert.is(engine.isOpen, true)
    const stored = async (name: string) => {
      const { header, kvs } = JSON.parse(await server.ctl('get', '--write-out=json', `${prefix}${name}`))
      const [head = ''] = Buffer.from(kvs[0].value, 'base64').toString().split('\n')
      const value = JSON.parse(head)
      return { value, created: kvs[0].create_revision, revision: header.revision }
    }
    const { value: claim, created } = await stored('c/TASKS.md:T2')
    assert.equal(engine.claims, [{ task: 'TASKS.md:T2', session: claim.session, revision: created }])
    const done = await stored('d/TASKS.md:T1')
    const { session, token } = done.value
    assert.equal(engine.done, [{ task: 'TASKS.md:T1', session, token, revision: done.created }])
    assert.is(engine.projector, (await stored('projector')).value.name)
    assert.equal(engine.armed, (await stored('armed')).value)
    assert.is(engine.revision, done.revision)
  })

  test('a shadow names the same winners as git, finds a claim that etcd lost, and leaves only its epoch', ({
    world,
    server,
  }) =>
    unlessStalled(server, async (tries) => {
      const folder = await projectIn(world, `shadowed-${tries}`)
      const environment = { IF_BOARD_ETCD_ENDPOINTS: `http://${server.address}` }
      const keys = async () => (await server.ctl('get', '--prefix', '--keys-only', '/ifb/')).split('\n')
      const before = new Set(await keys())
      const added = async (part: string) => (await keys()).filter((key) => !before.has(key) && key.includes(part))
      const until = async (is: () => Promise<boolean>) => {
        for (let asked = 0; !(await is()); asked += 1) {
          assert.ok(asked < 600, 'it never came')
          await sleep(100)
        }
      }
      const shadow = spawn(process.execPath, [world.program, 'fast', 'shadow', '--json'], {
        cwd: folder,
        env: { ...process.env, ...environment, HOME: world.root },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      shadows.push(shadow)
      let stdout = ''
      shadow.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
      const ended = new Promise<number | null>((resolve) => shadow.once('close', resolve))
      await until(async () => (await added('/armed')).length === 1)
      for (const session of ['ann', 'ben']) await world.run(folder, ['next', '--session', session])
      await until(async () => (await added('/c/')).length === 2)
      await world.run(folder, ['done', '--session', 'ann'])
      await until(async () => (await added('/c/')).length === 1 && (await added('/d/')).length === 0)
      const [kept] = await added('/c/')
      // The look that ended it is over then, and the next one comes 2 s after it.
      await sleep(700)
      await server.ctl('del', kept as string)
      // Found, told, and claimed again.
      await until(async () => (await added('/c/')).length === 1)
      shadow.kill('SIGINT')
      const status = await ended
      const told = JSON.parse(stdout)
      assert.equal([status, told.mirrored, told.agreed, told.outages], [6, 3, 1, 0])
      // A look that lasts finds nobody where it lists, and the next one what was lost.
      const found = told.differences.map(({ git, etcd }: Record<string, string>) => `${git}: ${etcd}`)
      const isLate = found[0] === 'ben: nobody'
      assert.equal(found, [...(isLate ? ['ben: nobody'] : []), 'ben: its claim was lost'])
      assert.equal(
        (await added('')).map((key) => key.replace(told.prefix, '').replace(/^\d+/, '')).sort(),
        ['/epoch', '/projector'],
        'the projector goes with its lease',
      )
      assert.is((await world.run(folder, ['fast', 'status'], environment)).stdout.split('\n')[0], GIT_DECIDES)
    }))

  test('up and down, as they are typed, and a switch that was left is ended by sync', ({ world, server }) =>
    unlessStalled(server, async (tries) => {
      const folder = await projectIn(world, `both-ways-${tries}`)
      const first = 10 + 100 * tries
      const environment = { IF_BOARD_ETCD_ENDPOINTS: `http://${server.address}` }
      // All boards of these tests have one id, and epochs below this are used.
      await setMode(world, folder, { ...GIT_ALONE, epoch: first })
      assert.is((await world.run(folder, ['claim', 'A1', '--session', 'ada'])).status, 0)
      const up = await world.run(folder, ['fast', 'up', '--lease', '2', '--json'], environment)
      const { kind, record, claims } = JSON.parse(up.stdout)
      assert.equal([up.status, kind, record.mode, record.carried, claims], [0, 'switched', 'etcd', 1, 1])
      const again = await world.run(folder, ['fast', 'up'], environment)
      assert.equal(
        [again.status, again.stdout],
        [0, `Nothing to do. etcd decides claims. Epoch ${first + 1}, mode lease 2 s.\n`],
      )
      const down = await world.run(folder, ['fast', 'down'], environment)
      const decides = `Git decides claims. Epoch ${first + 3}, mode lease 2 s. 1 claim held.\n`
      assert.equal([down.status, down.stdout], [0, decides])
      // A slow machine may be told of more than the wait, and of a step again that somebody else's fold overtook.
      const unknown = down.stderr
        .split('\n')
        .filter(
          (line) => !/^(if-board: (waiting \d s, until nobody believes in etcd any more|closing .*))?$/.test(line),
        )
      assert.equal([down.stderr.includes('waiting'), unknown], [true, []], down.stderr)
      assert.is(
        (await world.run(folder, ['claim', 'A1', '--session', 'ben'])).status,
        4,
        'ada holds it, and has no watcher',
      )
      assert.is((await world.run(folder, ['done', 'A1', '--session', 'ada'])).status, 0)

      await setMode(world, folder, { ...GIT_ALONE, mode: 'draining', epoch: first + 6, leaseMs: 2000, nonce: NONCE })
      const sync = await world.run(folder, ['sync'])
      assert.is(sync.status, 0)
      assert.ok(sync.stderr.includes(`Git decides claims. Epoch ${first + 7}, mode lease 2 s.`), sync.stderr)
    }))

  test('without a watcher what was held is held and done beyond the mode lease, and a claim says who is missing', ({
    world,
    server,
  }) =>
    unlessStalled(server, async (tries) => {
      const folder = await projectIn(world, `unwatched-${tries}`)
      const environment = { IF_BOARD_ETCD_ENDPOINTS: `http://${server.address}` }
      const run = (...args: string[]) => world.run(folder, args, environment)
      await setMode(world, folder, { ...GIT_ALONE, epoch: 20 + 100 * tries })
      assert.is((await run('claim', 'A1', '--session', 'ada')).status, 0)
      const up = await run('fast', 'up', '--lease', '2')
      assert.is(up.status, 0)
      assert.match(up.stderr, 'nothing is claimed there before a watcher folds what it holds: if-board watch')
      await sleep(3000)
      const next = await run('next', '--session', 'ben')
      assert.is(next.status, 7)
      assert.match(
        next.stderr,
        /no watcher folds what it holds into git \[fast\/unfolded\]\n {2}try: .*: if-board watch/,
      )
      assert.match((await run('fast', 'status')).stdout, 'TASKS.md:A1  held by ada')
      const done = await run('done', '--session', 'ada')
      assert.is(done.status, 0, done.stderr)
      assert.is((await run('fast', 'down')).status, 0)
      const { task } = JSON.parse((await run('show', 'A1', '--json')).stdout)
      assert.equal([task.status, task.done.by], ['done', 'ada'])
    }))

  test('the probe leaves nothing behind', ({ world, server }) =>
    unlessStalled(server, async (tries) => {
      const folder = await projectIn(world, `probed-${tries}`)
      const keys = async () => new Set((await server.ctl('get', '--prefix', '--keys-only', '')).split('\n'))
      const before = await keys()
      assert.ok(before.size > 1)
      const probe = await world.run(folder, ['fast', 'probe', '--json'], {
        IF_BOARD_ETCD_ENDPOINTS: `http://${server.address}`,
      })
      const { checks } = JSON.parse(probe.stdout)
      const named = (name: string) => checks.find((check: { name: string }) => check.name === name)
      assert.is(named('compare and set').ok, true)
      assert.is(named('lease').ok, true, named('lease').message)
      assert.ok(probe.status === 0 || probe.status === 6, 'a busy machine may be told to be slow')
      // Keys of tests before it may end with their lease meanwhile.
      assert.equal(
        [...(await keys())].filter((key) => !before.has(key)),
        [],
      )
    }))
}

const UNREACHABLE = 7

/** Where etcd is busy with something else it is asked again. */
async function untilReached(ask: () => Promise<Answer>): Promise<Answer> {
  const giveUpAt = performance.now() + 60_000
  for (;;) {
    const answer = await ask()
    if (answer.status !== UNREACHABLE || performance.now() > giveUpAt) return answer
  }
}

/** A project whose boards are in this clone alone. */
async function projectIn(world: World, name: string): Promise<string> {
  const folder = await world.clone(name)
  await putBoards(folder, { 'TASKS.md': BOARD })
  return folder
}

/** As a switch would have left it; the id of the board. */
async function setMode(world: World, folder: string, record: ModeRecord = IN_ETCD): Promise<string> {
  const hub = `--git-dir=${join(folder, '.git', 'if-board', 'hub.git')}`
  const tree = await world.git(folder, hub, 'hash-object', '-w', '-t', 'tree', '/dev/null')
  const commit = await world.git(folder, hub, 'commit-tree', tree.trim(), '-m', renderMode(record))
  await world.git(folder, hub, 'update-ref', 'refs/if-board/mode', commit.trim())
  const config = await world.git(folder, hub, 'show', 'refs/heads/if-board/main:.if-board/config.yml')
  return /boardId: "?([0-9a-f]{32})/.exec(config)?.[1] ?? ''
}

test.run()
