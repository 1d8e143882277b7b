/** Commands that stay: woken by what other processes do. */
import { execFileSync, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bin, jsonOf, run, start, told } from '../support/cli.ts'
import { type GitLogger, logGit } from '../support/git-logger.ts'
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
  await project('clone')
})
test.after.each(() => box.remove())

async function project(folder: string): Promise<void> {
  await box.repository(folder)
  await writeFile(box.path(folder, 'TASKS.md'), BOARD)
  assert.is((await run(where(folder), 'init', '--local', '--from', 'TASKS.md')).status, 0)
}

const where = (folder = 'clone') => ({ cwd: box.path(folder), env: box.environment })
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
      for (let tries = 0; seen.length < count && tries < 3_000; tries += 1) await sleep(20)
      assert.ok(seen.length >= count, `${seen.length} lines of ${count}`)
    },
    async first(is: (text: string) => boolean) {
      for (let tries = 0; tries < 3_000; tries += 1) {
        const found = seen.find(({ text }) => is(text))
        if (found !== undefined) return found
        await sleep(20)
      }
      throw new Error(`no such line of ${seen.length}`)
    },
  }
}

/** A look by the clock comes five seconds after the first line, however fast the machine is. */
const BEFORE_LOOK_MS = 4_500
const claimedIn = (text: string) => JSON.parse(text).totals.claimed

/** A claim beside a watch; `shownMs` counts from the watch's first line. */
async function claimBesideWatch() {
  const watch = lines('status', '--watch', '--json')
  await watch.until(1)
  await sleep(300)
  assert.is(claimedIn(watch.seen[0]?.text ?? ''), 0)
  const claimed = await ask('next', '--session', 'ada', '--json')
  assert.is(jsonOf(claimed).task.id, 'A1', told(claimed))
  const { text, at } = await watch.first((line) => claimedIn(line) === 1)
  return { watch, shown: JSON.parse(text), shownMs: at - (watch.seen[0]?.at ?? 0) }
}

test('what another process does is shown before the next look by the clock, and time alone shows nothing', async () => {
  let beside = await claimBesideWatch()
  // Where a machine stalls for so long, it is tried with another claim.
  for (let tries = 1; tries < 5 && beside.shownMs >= BEFORE_LOOK_MS; tries += 1) {
    beside.watch.child.kill('SIGKILL')
    await beside.watch.ended
    assert.is((await ask('release', '--session', 'ada', '--reason', 'again')).status, 0)
    beside = await claimBesideWatch()
  }
  const { watch, shown, shownMs } = beside
  assert.ok(shownMs < BEFORE_LOOK_MS, `${Math.round(shownMs)} ms after the first line`)
  assert.is(shown.sessions[0].task, 'A1')
  assert.match(shown.seenAt, /^\d{4}-.*Z$/)

  let count = -1
  // In each of these there is a look by the clock; what the claim itself changed may be shown late.
  for (let windows = 0; windows < 3 && watch.seen.length !== count; windows += 1) {
    count = watch.seen.length
    await sleep(6_000)
  }
  assert.ok(await seenWithoutChildren(watch.child.pid ?? 0), 'a git process stays open')
  assert.is(watch.seen.length, count, 'a session that is silent for longer is no change')
  watch.child.kill('SIGINT')
  assert.is(await watch.ended, 130)
})

/** Who waits for long asks every five seconds by the clock; chance takes away a quarter at most. */
const LEAST_PAUSE_MS = 3_750

test('who waits for a task is woken by the completion that makes it ready', async () => {
  let ms = await questionToClaim('clone')
  // Where \`done\` took longer than the pause, nothing can be told.
  for (let tries = 1; tries < 4 && ms >= LEAST_PAUSE_MS; tries += 1) {
    await project(`again-${tries}`)
    ms = await questionToClaim(`again-${tries}`)
  }
  assert.ok(ms < LEAST_PAUSE_MS, `${Math.round(ms)} ms after the question before the completion`)
})

/**
 * Between the last question of a waiting session before a completion and its claim of what this made ready: less than
 * the pause by the clock only when something else made it ask.
 */
async function questionToClaim(folder: string): Promise<number> {
  await run(where(folder), 'next', '--session', 'ada')
  const logger = await logGit(box, `git-${folder}`)
  const waiter = { ...where(folder), env: logger.environment }
  const waiting = start(waiter, 'next', '--wait', '120', '--session', 'bob', '--json')
  try {
    const askedAt = await lateQuestion(logger)
    const before = (await logger.arguments()).length
    const done = run(where(folder), 'done', '--session', 'ada')
    const claims = async () => (await logger.arguments()).slice(before - 1).some((line) => / update-ref /.test(line))
    for (let tries = 0; tries < 6_000 && !(await claims()); tries += 1) await sleep(10)
    const claimedAt = await logger.lastAt()
    const finished = await done
    assert.is(finished.status, 0, told(finished))
    const ran = await waiting.finished
    assert.is(jsonOf(ran).task.id, 'A2', told(ran))
    return claimedAt - askedAt
  } finally {
    waiting.kill()
  }
}

/** When it asked, and asks no sooner than after the longest pause: once as many questions, and one long pause, came. */
async function lateQuestion(logger: GitLogger): Promise<number> {
  let before = Number.NaN
  for (let tries = 0; tries < 6_000; tries += 1, await sleep(10)) {
    const at = await logger.lastAt()
    if (at - before >= 3_700 && (await questions(logger)) >= 8) return at
    before = at
  }
  throw new Error('it never asked as seldom as this')
}

async function questions(logger: GitLogger): Promise<number> {
  return (await logger.arguments()).filter((line) => / for-each-ref /.test(line)).length
}

test('without a terminal and --json, plain pages with an empty line behind each', async () => {
  const watch = lines('status', '--watch')
  await watch.until(5)
  assert.not.match(watch.seen.map(({ text }) => text).join('\n'), '\u001b')
  await ask('next', '--session', 'ada')
  const pages = () => watch.seen.filter(({ text }) => text === 'TASKS.md').length
  for (let tries = 0; pages() < 2 && tries < 3_000; tries += 1) await sleep(20)
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
