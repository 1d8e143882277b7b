/** No process of a run is left when its supervisor is killed, at whatever moment: booting, waiting, running. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { full, seed, seeded } from '../../support/clones.ts'
import { programArgs } from '../../support/program.ts'

const KILLS = Number(process.env.IF_BOARD_KILLS ?? (full ? 50 : 4))
/** From the start of a supervisor, or from its first word, until its module is under way. */
const LONGEST_MS = 900
const PATIENCE_MS = 10_000

/** Processes below this one. */
function below(pid: number): number[] {
  const children = textOf(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  return children.flatMap((child) => [child, ...below(child)])
}

/** When it was started (proc_pid_stat(5)): its number may be another process soon. `undefined`: it has ended. */
function startOf(pid: number): string | undefined {
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

test(`after SIGKILL at ${KILLS} random moments nothing of a run goes on`, async () => {
  if (!existsSync('/proc/self/task')) {
    console.log('skip: this system does not tell the children of a process')
    return
  }
  const random = seeded()
  let met = 0
  for (let kill = 0; kill < KILLS; kill += 1) {
    const waitMs = Math.round(random() * LONGEST_MS)
    const args = [...programArgs('adapters/wasm/endless-process'), 'off', '2']
    const supervisor = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
    // Every other one is known to have begun, however busy the machine is.
    if (kill % 2 === 0) await new Promise((resolve) => supervisor.stdout.once('data', resolve))
    await sleep(waitMs)
    // Stopped, it starts nothing between the look and the end.
    supervisor.kill('SIGSTOP')
    const left = below(supervisor.pid ?? 0).map((pid) => [pid, startOf(pid)] as const)
    supervisor.kill('SIGKILL')
    if (left.length > 0) met += 1
    const alive = () => left.filter(([pid, start]) => start !== undefined && startOf(pid) === start)
    for (let waited = 0; waited < PATIENCE_MS && alive().length > 0; waited += 50) await sleep(50)
    const orphans = alive()
    for (const [pid] of orphans) process.kill(pid, 'SIGKILL')
    assert.equal(orphans, [], `after ${waitMs} ms, seed ${seed}`)
  }
  assert.ok(met > 0, `no kill met a process, seed ${seed}`)
})

test.run()
