/** Checks and bodies in a watcher: asked through its socket, and done by itself where it was told to. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, run, told } from '../support/cli.ts'
import { initIn } from '../support/clones.ts'
import { type SocketWorld, socketWorld } from './socket-world.ts'
import { startWatch } from './world.ts'

const CHECK = `if (readText('page.md') !== 'good') throw new Error('not good yet')\n`
const BODY = `writeText('index.md', inputs.join())\n`
const jobOf = (path: string, text: string) => `js:${path}#sha256=${createHash('sha256').update(text).digest('hex')}`

const BOARD = `# Board

| ID | Task | Status | Deliverable | Check | Run |
|----|------|--------|---|---|---|
| A1 | Write the page | AVAILABLE | page.md | \`${jobOf('check.js', CHECK)}\` | |
| F1 | Make the index | AVAILABLE | index.md | | \`${jobOf('body.js', BODY)} in=*.md\` |
| F2 | Nobody can | AVAILABLE | - | | \`${jobOf('gone.js', BODY)}\` |
`

let world: SocketWorld
test.before.each(async () => {
  world = socketWorld()
  await world.box.repository('main')
  await commit({ 'check.js': CHECK, 'body.js': BODY, 'page.md': 'bad' })
  await initIn(world.box, 'main', BOARD)
})
test.after.each(() => world.remove())

async function commit(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(world.box.path('main', name), text)
  await world.box.git('main', 'add', ...Object.keys(files))
  await world.box.git('main', 'commit', '--quiet', '--message=work')
}

function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : []
}

/** Of the chassis alone: a watcher also has git commands. */
function guestsOf(pid: number): number[] {
  return childrenOf(pid).filter((child) => {
    try {
      return readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('chassis-guest')
    } catch {
      // It has just ended.
      return false
    }
  })
}

test('a done that a watcher carries out is checked like any other, and no process outlives the watcher', async () => {
  const watcher = await world.watching()
  const ada = world.as('ada')
  await run(ada, 'claim', 'A1')
  const refused = await world.ranThere(ada, 'done', '--json')
  assert.is(refused.itself, false)
  const { kind, refused: why } = jsonOf(refused.ran)
  assert.equal([refused.ran.status, kind, why.rule], [5, 'refused', 'check'], told(refused.ran))
  assert.match(why.output, /not good yet/)
  await commit({ 'page.md': 'good' })
  const passed = await world.ranThere(ada, 'done', 'A1', '--json')
  assert.equal([passed.itself, jsonOf(passed.ran).kind], [false, 'completed'], told(passed.ran))
  if (!existsSync('/proc/self/task')) return
  const ahead = guestsOf(watcher.pid)
  assert.is(ahead.length, 1, 'one is kept started for the next check')
  process.kill(watcher.pid, 'SIGKILL')
  for (let waited = 0; waited < 60_000 && ahead.some((pid) => existsSync(`/proc/${pid}`)); waited += 50) await sleep(50)
  assert.equal(
    ahead.filter((pid) => existsSync(`/proc/${pid}`)),
    [],
  )
})

test('a watcher does tasks that have a body where it is told to, and no others', async () => {
  const watcher = startWatch(world.as('watcher'), '--run')
  const ran = await watcher.until(({ event, ...rest }) => event === 'ran' && (rest as { task: string }).task === 'F1')
  assert.equal(ran, { ...ran, session: 'watcher-runner', outcome: 'completed', message: 'js:body.js' })
  const { task } = jsonOf(await run(world.as('ada'), 'show', 'F1', '--json'))
  assert.equal([task.status, task.done.by], ['done', 'watcher-runner'])
  assert.is(await world.box.git('main', 'show', `${task.done.branch}:index.md`), 'page.md')
  const failed = await watcher.until(
    ({ event, ...rest }) => event === 'ran' && (rest as { task: string }).task === 'F2',
  )
  assert.equal(failed, { ...failed, outcome: 'refused' })
  await sleep(1_500)
  assert.is(
    watcher.events.filter(({ event }) => event === 'ran').length,
    2,
    'what did not pass is not tried again and again',
  )
  assert.is(jsonOf(await run(world.as('ada'), 'show', 'A1', '--json')).task.status, 'ready')
  await watcher.stop()
})

test('without that word a watcher runs nothing', async () => {
  const watcher = await world.watching()
  await sleep(1_500)
  assert.is(jsonOf(await run(world.as('ada'), 'show', 'F1', '--json')).task.status, 'ready')
  await watcher.stop()
})

test.run()
