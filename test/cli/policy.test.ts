import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BOARD, CONFIG, makeWorld, push, putBoards, type World } from './world.ts'

const test = suite<{ world: World; folder: string }>('policies from a terminal')
let made = 0

test.before(async (context) => {
  context.world = await makeWorld()
})
test.before.each(async (context) => {
  made += 1
  context.folder = await context.world.clone(`clone-${made}`)
  await putBoards(context.folder, { 'TASKS.md': BOARD })
})
test.after((context) => context.world.remove())

test('a task that waits for approval is passed over until a person approves it, and the approval is one line', async ({
  world,
  folder,
}) => {
  await push(world, folder, { [CONFIG]: 'policy:\n  # the parser is delicate\n  approval: [A1]\n' })
  const next = await world.run(folder, ['next', '--session', 'ann'])
  assert.match(next.stdout, /^TASK A3:/, next.stderr)
  const refused = await world.run(folder, ['claim', 'A1', '--session', 'ben', '--json'])
  assert.is(refused.status, 5, refused.stderr)
  const answer = JSON.parse(refused.stdout)
  assert.equal(
    [answer.kind, answer.refused.rule, answer.refused.hint],
    ['refused', 'approval', 'A person says: if-board policy approve A1'],
  )
  assert.is((await world.run(folder, ['policy', 'approve', 'A1'])).stdout, 'A1 is approved.\n')
  assert.is((await world.run(folder, ['policy', 'approve', 'A1'])).stdout, 'A1 was approved before; nothing changed.\n')
  const claimed = await world.run(folder, ['claim', 'A1', '--session', 'ben'])
  assert.is(claimed.status, 0, claimed.stdout + claimed.stderr)
  await world.git(`${folder}-board`, 'pull', '--quiet')
  const text = await readFile(join(`${folder}-board`, CONFIG), 'utf8')
  assert.match(text, /policy:\n {2}# the parser is delicate\n {2}approval: \[A1\]\n {2}approved:\n {4}- A1\n$/)
})

test('forbid refuses a claim with its file and line, and the refusal is in the log', async ({ world, folder }) => {
  const policy =
    '// ours\n@reason("ask Ann")\nforbid(principal == Session::"ben", action == Action::"claim", resource);\n'
  await push(world, folder, { '.if-board/policies/who.cedar': policy })
  const refused = await world.run(folder, ['next', '--session', 'ben'])
  assert.is(refused.status, 5, refused.stdout + refused.stderr)
  assert.match(refused.stdout + refused.stderr, /forbidden by who\.cedar:2 \(ask Ann\)/)
  assert.is((await world.run(folder, ['next', '--session', 'ann'])).status, 0)
  const explained = JSON.parse(
    (await world.run(folder, ['policy', 'explain', 'A3', '--session', 'ben', '--json'])).stdout,
  )
  assert.is(explained.verdict, 'refuse')
  assert.equal(explained.rules.at(-1).policies, ['who.cedar:2'])
  await world.run(folder, ['note', 'A3', 'hello', '--session', 'ben'])
  const log = await world.run(folder, ['witness', 'log', '--type', 'denied', '--json'])
  assert.match(log.stdout, /"rule":"policy"/)
})

test('of what may be claimed, what policies forbid is passed over', async ({ world, folder }) => {
  await push(world, folder, {
    '.if-board/policies/a.cedar': 'forbid(principal, action, resource) when { resource.id == "A1" };\n',
  })
  assert.match((await world.run(folder, ['next', '--session', 'ann'])).stdout, /^TASK A3:/)
})

test('a policy that is wrong refuses everything, and check names the place', async ({ world, folder }) => {
  const policy = 'forbid(principal, action, resource)\nwhen { resource.idd == "A1" };\n'
  await push(world, folder, { '.if-board/policies/a.cedar': policy })
  const refused = await world.run(folder, ['next', '--session', 'ann'])
  assert.is(refused.status, 5)
  assert.match(refused.stdout + refused.stderr, /policies\/a\.cedar:2:8: attribute `idd` .*policy check/s)
  const checked = await world.run(folder, ['policy', 'check'])
  assert.is(checked.status, 6)
  assert.match(checked.stdout, /^\.if-board\/policies\/a\.cedar:2:8: error: .*\[policy\/invalid\]/)
  assert.is((await world.run(folder, ['lint'])).status, 6)
})

test('check finds bounds of boards that do not exist, and settings that nothing else can read', async ({
  world,
  folder,
}) => {
  await push(world, folder, { [CONFIG]: 'budget:\n  boards: {TASKS.md: $5, OTHER.md: $5}\n' })
  const checked = await world.run(folder, ['policy', 'check'])
  assert.is(checked.status, 6, checked.stderr)
  assert.match(checked.stdout, /config\.yml:\d+:26: warning: `budget\.boards` names `OTHER\.md`/)
  await push(world, folder, { [CONFIG]: 'bugdet: {day: $5}\n' })
  const broken = await world.run(folder, ['policy', 'check'])
  assert.match(broken.stdout, /config\.yml:\d+:1: error: `bugdet` is no key .*\[config\/unknown-key\]/)
  assert.is((await world.run(folder, ['next', '--session', 'ann'])).status, 1)
})

test('a completion that changed a forbidden path is refused and the task stays held', async ({ world, folder }) => {
  await push(world, folder, { [CONFIG]: 'policy: {forbiddenPaths: ["secrets/**"]}\n' })
  await world.run(folder, ['next', '--session', 'ann'])
  await world.git(folder, 'checkout', '--quiet', '-b', 'work')
  await mkdir(join(folder, 'secrets'))
  await writeFile(join(folder, 'secrets', 'key'), 'x')
  await world.git(folder, 'add', '--all')
  await world.git(folder, 'commit', '--quiet', '--message=work')
  const refused = await world.run(folder, ['done', '--session', 'ann', '--json'])
  assert.is(refused.status, 5, refused.stdout + refused.stderr)
  const { rule, reason } = JSON.parse(refused.stdout).refused
  assert.equal([rule, /`secrets\/key`/.test(reason)], ['forbidden-paths', true])
  const unknown = await world.run(folder, ['done', '--session', 'ann', '--evidence', 'HEAD~1'])
  assert.is(unknown.status, 0, unknown.stdout + unknown.stderr)
})

test('simulate tells what a new policy would have refused, before it is pushed', async ({ world, folder }) => {
  await world.run(folder, ['next', '--session', 'ann'])
  await world.run(folder, ['done', '--session', 'ann'])
  await world.run(folder, ['next', '--session', 'ben'])
  await writeFile(join(folder, 'new.cedar'), 'forbid(principal == Session::"ben", action, resource);\n')
  const { judged, refused, refusals } = JSON.parse(
    (await world.run(folder, ['policy', 'simulate', '--file', 'new.cedar', '--json'])).stdout,
  )
  assert.equal([judged, refused], [3, 1])
  assert.equal([refusals[0].session, refusals[0].action, refusals[0].rule], ['ben', 'claim', 'policy'])
  await writeFile(join(folder, 'bad.cedar'), 'forbid(principal, action, resourc);\n')
  const bad = await world.run(folder, ['policy', 'simulate', '--file', 'bad.cedar'])
  assert.is(bad.status, 1)
  assert.match(bad.stderr, /bad\.cedar:1:\d+: .*\[policy\/invalid\]/)
})

test('simulate counts what each claim would have set aside, and how often its session failed', async ({
  world,
  folder,
}) => {
  await world.run(folder, ['next', '--session', 'ann'])
  await world.run(folder, ['done', '--session', 'ann', '--cost', '4'])
  await world.run(folder, ['next', '--session', 'ben'])
  await world.run(folder, ['fail', '--session', 'ben', '--reason', 'no key'])
  await world.run(folder, ['next', '--session', 'ben'])
  const settings = await world.git(folder, '--git-dir=.git/if-board/hub.git', 'show', `if-board/main:${CONFIG}`)
  const simulated = async (lines: string) => {
    await writeFile(join(folder, 'tried.yml'), `${settings.trim()}\n${lines}`)
    const ran = await world.run(folder, ['policy', 'simulate', '--config', 'tried.yml', '--json'])
    assert.is(ran.status, 0, ran.stdout + ran.stderr)
    const { judged, refusals } = JSON.parse(ran.stdout)
    assert.is(judged, 4)
    return refusals.map(({ session, task, rule }: Record<string, string>) => `${session} ${task} ${rule}`)
  }
  assert.equal(await simulated(''), [], 'what was granted by these settings is granted by them')
  // Four dollars are spent, and each claim sets one aside.
  assert.equal(await simulated('budget:\n  total: $4.50\n'), ['ben A3 budget-total', 'ben A2 budget-total'])
  assert.equal(await simulated('breaker:\n  consecutive: 1\n'), ['ben A2 breaker-open'])
})

test.run()
