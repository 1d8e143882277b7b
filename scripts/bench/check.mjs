// @ts-check
/** What a check costs where it is asked: `done` of a task with one, beside `done` of a task without, in turn. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { installProgram } from './program.mjs'
import { judge } from './report.mjs'
import { median } from './statistics.mjs'
import { makeRepository } from './world.mjs'

/** Reads the page that the task delivers, as most checks will. */
const CHECK = `const words = readText('docs/page.md').split(/\\s+/).length
if (words < 10) throw new Error('too short')
`
const PAGE = 'a page of some words that somebody wrote, with what it should say\n'.repeat(20)

/** @param {import('./world.mjs').World} world @param {number} rounds */
export async function checkFigures(world, rounds) {
  const program = await installProgram(world)
  makeRepository(world, 'checked')
  for (const folder of ['docs', 'checks']) mkdirSync(world.path('checked', folder))
  writeFileSync(world.path('checked', 'docs', 'page.md'), PAGE)
  writeFileSync(world.path('checked', 'checks', 'page.js'), CHECK)
  writeFileSync(world.path('checked', 'TASKS.md'), boardOf(rounds))
  world.git('checked', 'add', '--all')
  world.git('checked', 'commit', '--quiet', '--message=Work')
  program.ask('checked', 'init', '--local', '--from', 'TASKS.md', '--agents', 'none')
  /** @param {string} task */
  const done = (task) => {
    program.ask('checked', 'claim', task, '--session', 'ada')
    const startedAt = performance.now()
    spawnSync(process.execPath, [program.path, 'done', task, '--session', 'ada'], {
      cwd: world.path('checked'),
      env: world.environment,
    })
    const ms = performance.now() - startedAt
    const { task: now } = JSON.parse(program.ask('checked', 'show', task, '--json').stdout)
    if (now.status !== 'done') throw new Error(`${task} is ${now.status}`)
    return ms
  }
  const ids = Array.from({ length: rounds }, (_, at) => at + 1)
  const times = ids.map((id) => ({ plain: done(`P${id}`), checked: done(`C${id}`) }))
  const plain = median(times.map((time) => time.plain))
  const checked = median(times.map((time) => time.checked))
  const baseline = { what: 'without a check', value: plain }
  return [judge({ what: '`done` with a check in JavaScript', unit: 'ms', ours: checked, baseline, compare: 'minus' })]
}

/** @param {number} pairs */
function boardOf(pairs) {
  const hash = createHash('sha256').update(CHECK).digest('hex')
  const rows = Array.from({ length: pairs }, (_, at) => [
    `| P${at + 1} | Plain | OPEN | - | - |`,
    `| C${at + 1} | Checked | OPEN | docs/page.md | \`js:checks/page.js#sha256=${hash}\` |`,
  ])
  return `# Board\n\n| ID | Task | Status | Deliverable | Check |\n|---|---|---|---|---|\n${rows.flat().join('\n')}\n`
}
