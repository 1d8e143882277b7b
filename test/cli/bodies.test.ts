/** `run` on real git: a body does its task without a session, its files are a commit, and the user's files stay as they are. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { boardOf, commit, jobOf, project, type Row, runsIn } from './checked.ts'
import { makeWorld, push, type World } from './world.ts'

const test = suite<{ world: World }>('bodies of tasks')
let made = 0

test.before(async (context) => {
  context.world = await makeWorld()
})
test.after((context) => context.world.remove())

const INDEX = `const names = inputs.filter((path) => path.endsWith('.md')).sort()
writeText('docs/index.md', names.map((name) => '- ' + name + '\\n').join(''))
`
const FILES = { 'tools/index.js': INDEX, 'docs/a.md': 'a', 'docs/deep/b.md': 'b' }
const BODY = jobOf('tools/index.js', INDEX, ' in=docs/**')

async function clone(world: World, rows: readonly Row[], files: Record<string, string> = FILES) {
  made += 1
  return project(world, `clone-${made}`, files, { 'TASKS.md': boardOf(rows) })
}

async function run(world: World, folder: string, task: string, session = 'ann') {
  const { status, stdout, stderr } = await world.run(folder, ['run', task, '--json', '--session', session])
  assert.ok(stdout !== '', stderr)
  return { status, answer: JSON.parse(stdout) }
}

async function taskOf(world: World, folder: string, id: string) {
  return JSON.parse((await world.run(folder, ['show', id, '--json'])).stdout).task
}

test('a body is claimed, run and completed, and what it wrote is a commit on a branch of its own', async ({
  world,
}) => {
  const folder = await clone(world, [{ id: 'F1', deliverable: 'docs/index.md', run: BODY }])
  await writeFile(join(folder, 'docs/a.md'), 'edited, not committed')
  await writeFile(join(folder, 'docs/new.md'), 'not committed')
  const before = await world.git(folder, 'status', '--porcelain')
  const head = await world.git(folder, 'rev-parse', 'HEAD')
  const { status, answer } = await run(world, folder, 'F1')
  assert.equal([status, answer.kind, answer.task.id], [0, 'completed', 'F1'], JSON.stringify(answer))
  const { status: now, done } = await taskOf(world, folder, 'F1')
  assert.equal([now, done.by, done.note], ['done', 'ann', 'done by js:tools/index.js'])
  assert.match(done.branch, /^if-board-run\/f1-[0-9a-f]{8}-1$/)
  assert.is(await world.git(folder, 'rev-parse', done.branch), done.commit)
  assert.is(await world.git(folder, 'rev-parse', `${done.branch}^`), head)
  assert.is(await world.git(folder, 'show', `${done.branch}:docs/index.md`), '- docs/a.md\n- docs/deep/b.md')
  assert.is(await world.git(folder, 'diff', '--name-only', head, done.branch), 'docs/index.md')
  assert.is(await world.git(folder, 'status', '--porcelain'), before)
  assert.is(await world.git(folder, 'rev-parse', 'HEAD'), head)
  assert.is(await readFile(join(folder, 'docs/a.md'), 'utf8'), 'edited, not committed')
  await world.git(folder, 'fsck', '--strict', '--no-dangling')
  const [ran] = await runsIn(world, folder)
  assert.equal([ran?.purpose, ran?.outcome, ran?.commit], ['run', 'completed', head])
  assert.equal(
    ran?.outputs?.map(({ path }) => path),
    ['docs/index.md'],
  )
  await world.run(folder, ['sync', '--session', 'ann'])
  const story = (await world.run(folder, ['witness', 'show', 'F1'])).stdout
  assert.match(story.replace(/\s+/g, ' '), /ann ran js:tools\/index\.js for run: completed, [\d,]+ units of fuel at/)
  const verified = await world.run(folder, ['witness', 'verify', '--level', 'full'])
  assert.is(verified.status, 0, verified.stdout)
})

test('a body without outputs completes its task with the commit that it read', async ({ world }) => {
  const script = 'print(readText("docs/a.md"))\n'
  const folder = await clone(world, [{ id: 'F1', run: jobOf('t.js', script, ' in=docs/a.md') }], {
    't.js': script,
    'docs/a.md': 'x',
  })
  assert.is((await run(world, folder, 'F1')).status, 0)
  const { done } = await taskOf(world, folder, 'F1')
  assert.equal([done.branch, done.commit], [null, await world.git(folder, 'rev-parse', 'HEAD')])
  assert.is(await world.git(folder, 'branch', '--list', 'if-board-run/*'), '')
})

test('a body that does not pass gives its task back as failed, with what it printed', async ({ world }) => {
  const script = 'print("half")\nthrow new Error("no")\n'
  const folder = await clone(world, [{ id: 'F1', run: jobOf('t.js', script) }], { 't.js': script })
  const { status, answer } = await run(world, folder, 'F1')
  assert.equal([status, answer.kind, answer.refused.rule], [5, 'refused', 'run'])
  assert.match(answer.refused.output, /half/)
  const { status: now, claim } = await taskOf(world, folder, 'F1')
  assert.equal([now, claim.kind, claim.failures], ['ready', 'returned', 1])
})

test('what cannot be read is refused before anything is claimed', async ({ world }) => {
  const folder = await clone(world, [
    { id: 'F1', run: jobOf('gone.js', 'x') },
    { id: 'F2', run: 'cmd:npm test' },
    { id: 'F3' },
  ])
  const { status, answer } = await run(world, folder, 'F1')
  assert.equal([status, answer.refused.rule], [5, 'run-not-run'])
  assert.equal([(await taskOf(world, folder, 'F1')).claim], [null])
  assert.equal([(await run(world, folder, 'F2')).answer.refused.rule], ['run-not-run'])
  const none = await run(world, folder, 'F3')
  assert.equal([none.status, none.answer.error.code], [1, 'task/no-body'])
})

test('the files of a body must pass the check of its task, else it is given back', async ({ world }) => {
  const check = `if (!readText('docs/index.md').includes('never')) throw new Error('not good')\n`
  const rows = [{ id: 'F1', deliverable: 'docs/index.md', run: BODY, check: jobOf('checks/c.js', check) }]
  const folder = await clone(world, rows, { ...FILES, 'checks/c.js': check })
  const { status, answer } = await run(world, folder, 'F1')
  assert.equal([status, answer.refused.rule], [5, 'check'])
  assert.equal([(await taskOf(world, folder, 'F1')).claim.kind], ['returned'])
})

test('outputs beside what a body declared, and into .git, do not come out', async ({ world }) => {
  const script = `writeText('docs/index.md', 'x')
for (const path of ['other.md', '../../.git/hooks/post-checkout', '.git/config'])
  try { writeText(path, 'x') } catch (error) { print(path + ': ' + error.message) }
`
  const rows = [{ id: 'F1', run: jobOf('t.js', script, ' out=docs/index.md') }]
  const folder = await clone(world, rows, { 't.js': script })
  assert.is((await run(world, folder, 'F1')).status, 0)
  const { done } = await taskOf(world, folder, 'F1')
  assert.is(await world.git(folder, 'diff', '--name-only', 'HEAD', done.branch), 'docs/index.md')
})

test('a body with more outputs than an event can name keeps them all in its commit', async ({ world }) => {
  const paths = Array.from({ length: 60 }, (_, at) => `out/${'long-'.repeat(35)}${at}/${'name-'.repeat(35)}${at}.txt`)
  const script = `for (const path of ${JSON.stringify(paths)}) writeText(path, path)\n`
  const folder = await clone(world, [{ id: 'F1', run: jobOf('t.js', script) }], { 't.js': script })
  const outputs = JSON.stringify(paths)
  await push(world, folder, { '.if-board/config.yml': `checks:\n  tasks: [{match: F1, outputs: ${outputs}}]\n` })
  assert.is((await run(world, folder, 'F1')).status, 0)
  const { done } = await taskOf(world, folder, 'F1')
  const files = await world.git(folder, 'diff', '--name-only', 'HEAD', done.branch)
  assert.is(files.split('\n').length, 60)
  assert.is((await runsIn(world, folder))[0]?.outputs?.length, 50)
})

test('a task that another holds is not run', async ({ world }) => {
  const folder = await clone(world, [{ id: 'F1', run: BODY }])
  await world.run(folder, ['claim', 'F1', '--session', 'ben'])
  const { status, answer } = await run(world, folder, 'F1')
  assert.equal([status, answer.kind, answer.lost.to], [4, 'lost', 'ben'])
})

test('a policy may forbid to run what may be claimed', async ({ world }) => {
  const folder = await clone(world, [{ id: 'F1', run: BODY, deliverable: 'docs/index.md' }])
  await push(world, folder, {
    '.if-board/policies/run.cedar': 'forbid(principal, action == Action::"run", resource);\n',
  })
  const { status, answer } = await run(world, folder, 'F1')
  assert.equal([status, answer.refused.rule], [5, 'policy'])
  await commit(world, folder, {})
  assert.is((await world.run(folder, ['claim', 'F1', '--session', 'ann'])).status, 0)
})

test('check tells whether the work passes and completes nothing, also for who has not joined', async ({ world }) => {
  const script = `if (readText('docs/a.md') !== 'good') throw new Error('bad')\n`
  const rows = [{ id: 'T1', deliverable: 'docs/a.md', check: jobOf('c.js', script) }, { id: 'T2' }]
  const folder = await clone(world, rows, { 'c.js': script, 'docs/a.md': 'bad' })
  const bad = await world.run(folder, ['check', 'T1'])
  assert.equal(
    [bad.status, /^REFUSED by the rule check: js:c\.js does not pass/.test(bad.stdout)],
    [5, true],
    bad.stderr,
  )
  const earlier = await world.git(folder, 'rev-parse', 'HEAD')
  await commit(world, folder, { 'docs/a.md': 'good' })
  const good = JSON.parse((await world.run(folder, ['check', 'T1', '--json'])).stdout)
  assert.equal([good.kind, good.runs[0].ran.outcome], ['passed', 'completed'])
  const again = JSON.parse((await world.run(folder, ['check', 'T1', '--json'])).stdout)
  assert.is(again.runs[0].ran.fuel, good.runs[0].ran.fuel)
  assert.is((await world.run(folder, ['check', 'T1', '--evidence', earlier])).status, 5)
  const unknown = await world.run(folder, ['check', 'T1', '--evidence', 'f'.repeat(40)])
  assert.equal([unknown.status, /check-not-run/.test(unknown.stdout)], [5, true])
  assert.equal([(await taskOf(world, folder, 'T1')).status], ['ready'])
  assert.equal(await runsIn(world, folder), [])
  const none = await world.run(folder, ['check', 'T2', '--json'])
  assert.equal([none.status, JSON.parse(none.stdout).error.code], [1, 'task/no-check'])
})

test('the card says what done will check, and that a body could do it', async ({ world }) => {
  const script = 'print(1)\n'
  const rows = [{ id: 'T1', check: jobOf('c.js', script), run: BODY }]
  const folder = await clone(world, rows)
  const { stdout } = await world.run(folder, ['next', '--session', 'ann'])
  assert.match(stdout, /^Checked at done, on what is committed: js:c\.js$/m)
  assert.match(stdout, /^It has a body, js:tools\/index\.js: if-board run T1$/m)
  const { task } = JSON.parse((await world.run(folder, ['next', '--json', '--session', 'ann'])).stdout)
  assert.equal([task.check, task.run], [jobOf('c.js', script), BODY])
})

test.run()
