/** Commands that stay: woken by what other processes do. */
import { execFileSync, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bin, jsonOf, run, start, told } from '../support/cli.ts'
import { type Sandbox, sandbox } from '../support/git-servers.ts'

const BOARD = `# Board

| ID | Task | Status | Dependencies |
|----|------|--------|--------------|
| A1 | Lay the ground | AVAILABLE | None |
| A2 | Build on it | AVAILABLE | A1 |
`

let box: Sandbox
test.before.each(async () => {
  box = sandbox()
  await box.repository('clone')
  await writeFile(box.path('clone/TASKS.md'), BOARD)
  assert.is((await ask('init', '--local', '--from', 'TASKS.md')).status, 0)
})
test.after.each(() => box.remove())

const where = () => ({ cwd: box.path('clone'), env: box.environment })
const ask = (...args: string[]) => run(where(), ...args)

/** The real command with its lines as they come. */
function lines(...args: string[]) {
  const child = spawn(process.execPath, [bin, ...args], { ...where(), stdio: ['ignore', 'pipe', 'pipe'] })
  const seen: { readonly text: string; readonly at: number }[] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) seen.push({ text: part, at: performance.now() })
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    child,
    seen,
    ended,
    async until(count: number) {
      for (let tries = 0; seen.length < count && tries < 1_500; tries += 1) await sleep(10)
      assert.ok(seen.length >= count, `${seen.length} lines of ${count}`)
    },
  }
}

test('what another process does is shown within a second, and time alone shows nothing', async () => {
  const watch = lines('status', '--watch', '--json')
  await watch.until(1)
  await sleep(300)
  const before = performance.now()
  const claimed = await ask('next', '--session', 'ada', '--json')
  const after = performance.now()
  assert.is(jsonOf(claimed).task.id, 'A1', told(claimed))
  await watch.until(2)
  const shown = JSON.parse(watch.seen.at(-1)?.text ?? '')
  assert.is(shown.totals.claimed, 1)
  assert.is(shown.sessions[0].task, 'A1')
  assert.match(shown.seenAt, /^\d{4}-.*Z$/)
  const toldAt = watch.seen.at(-1)?.at ?? 0
  assert.ok(toldAt > before && toldAt < after + 1_000, `${Math.round(toldAt - after)} ms after the claim`)

  const count = watch.seen.length
  await sleep(6_000)
  assert.ok(await seenWithoutChildren(watch.child.pid ?? 0), 'a git process stays open')
  assert.is(watch.seen.length, count, 'a session that is silent for longer is no change')
  watch.child.kill('SIGINT')
  assert.is(await watch.ended, 130)
})

test('who waits for a task is woken by the completion that makes it ready', async () => {
  await ask('next', '--session', 'ada')
  const waiting = start(where(), 'next', '--wait', '40', '--session', 'bob', '--json')
  // By now it asks every five seconds.
  await sleep(9_000)
  await ask('done', '--session', 'ada')
  const done = performance.now()
  const ran = await waiting.finished
  const ms = performance.now() - done
  assert.is(jsonOf(ran).task.id, 'A2', told(ran))
  assert.ok(ms < 1_500, `${Math.round(ms)} ms after the completion`)
})

test('without a terminal and --json, plain pages with an empty line behind each', async () => {
  const watch = lines('status', '--watch')
  await watch.until(5)
  assert.not.match(watch.seen.map(({ text }) => text).join('\n'), '\u001b')
  await ask('next', '--session', 'ada')
  const pages = () => watch.seen.filter(({ text }) => text === 'TASKS.md').length
  for (let tries = 0; pages() < 2 && tries < 300; tries += 1) await sleep(10)
  assert.is(pages() >= 2, true)
  watch.child.kill('SIGINT')
  assert.is(await watch.ended, 130)
})

/** A look starts git for a moment; a process that stays is there each time (ps(1)). */
async function seenWithoutChildren(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 20; tries += 1, await sleep(50)) {
    const table = execFileSync('ps', ['-A', '-o', 'ppid=,args='], { encoding: 'utf8' })
    if (!table.split('\n').some((line) => line.trim().startsWith(`${pid} `))) return true
  }
  return false
}

test.run()
