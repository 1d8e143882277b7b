/** No process of a check is left when the command that runs it is killed, at whatever moment. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { full, seed, seeded } from '../support/clones.ts'
import { boardOf, jobOf, project } from './checked.ts'
import { makeWorld, type World } from './world.ts'

const test = suite<{ world: World }>('processes of checks')

test.before(async (context) => {
  context.world = await makeWorld()
})
test.after((context) => context.world.remove())

const KILLS = Number(process.env.IF_BOARD_KILLS ?? (full ? 50 : 8))
/** From the start of a command until its check is under way. */
const LONGEST_MS = 900
const ENDLESS = 'for (;;) {}\n'

/** Processes below this one, where the system tells. */
function below(pid: number): number[] {
  const children = textOf(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  return children.flatMap((child) => [child, ...below(child)])
}

/** What runs there: a number may be another process soon. */
function programOf(pid: number): string | undefined {
  const state = /^State:\s+(\w)/m.exec(textOf(`/proc/${pid}/status`))?.[1]
  return state === undefined || state === 'Z' ? undefined : textOf(`/proc/${pid}/stat`).split(' ')[21]
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

test(`after SIGKILL at ${KILLS} random moments nothing of a check goes on`, async ({ world }) => {
  if (!existsSync('/proc/self/task')) {
    console.log('skip: this system does not tell the children of a process')
    return
  }
  const board = boardOf([{ id: 'T1', check: jobOf('c.js', ENDLESS) }])
  const folder = await project(world, 'clone', { 'c.js': ENDLESS }, { 'TASKS.md': board })
  const random = seeded()
  let inRun = 0
  for (let kill = 0; kill < KILLS; kill += 1) {
    const waitMs = Math.round(random() * LONGEST_MS)
    const command = spawn(process.execPath, [world.program, 'check', 'T1'], { cwd: folder, stdio: 'ignore' })
    const pid = command.pid ?? 0
    await sleep(waitMs)
    // Stopped, it starts nothing between the look and the end. It may have ended: its fuel lasts about a second.
    if (!command.kill('SIGSTOP')) continue
    const left = new Map(below(pid).map((child) => [child, programOf(child)]))
    command.kill('SIGKILL')
    if (left.size > 0) inRun += 1
    const alive = () => [...left].filter(([child, program]) => program !== undefined && programOf(child) === program)
    for (let waited = 0; waited < 10_000 && alive().length > 0; waited += 50) await sleep(50)
    assert.equal(alive(), [], `after ${waitMs} ms, seed ${seed}`)
  }
  assert.ok(inRun > 0, `no kill met a check, seed ${seed}`)
})

test.run()
