/** Seven sessions and a watcher on one machine: how long a task that became ready is nobody's. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, run, told } from '../support/cli.ts'
import { full, initIn } from '../support/clones.ts'
import { sandbox } from '../support/git-servers.ts'
import { sampled } from '../support/sampled.ts'
import { killWatchers, startWatch } from './world.ts'

const SESSIONS = 7
const CHAINS = 3
const LENGTH = full ? 12 : 2
/** The goal is two seconds, on a machine of its own; what is printed says how near it came. Beyond this it is stuck. */
const STUCK_MS = 14_000

/** Chains of tasks: each completion makes one other task ready. */
function board(): string {
  const rows: string[] = []
  for (let chain = 1; chain <= CHAINS; chain += 1)
    for (let at = 1; at <= LENGTH; at += 1)
      rows.push(`| C${chain}.${at} | Step ${at} | AVAILABLE | ${at === 1 ? 'None' : `C${chain}.${at - 1}`} |`)
  return ['# Board', '', '| ID | Task | Status | Dependencies |', '|---|---|---|---|', ...rows, ''].join('\n')
}

for (const transport of sampled(['local', 'remote'] as const, 1))
  test(`${transport}: from done to the dependant being held, with seven sessions that wait`, async () => {
    const box = sandbox()
    try {
      await box.repository('main', transport === 'remote' ? `file://${box.bare('remote.git')}` : undefined)
      await initIn(box, 'main', board())
      const where = (session: string) => ({
        cwd: box.path('main'),
        env: { ...box.environment, IF_BOARD_SESSION: session },
      })
      const watcher = startWatch(where('watcher'))
      await watcher.until(({ event }) => event === 'started')
      const doneAt = new Map<string, number>()
      const heldAt = new Map<string, number>()
      const work = async (session: string) => {
        for (;;) {
          const asked = await run(where(session), 'next', '--wait', '30', '--json')
          const answer = jsonOf(asked)
          if (answer.task === undefined || asked.status !== 0) {
            assert.is(asked.status, 3, told(asked))
            if (answer.none.finished || doneAt.size === CHAINS * LENGTH) return
            continue
          }
          heldAt.set(answer.task.id, performance.now())
          const finished = await run(where(session), 'done', '--json')
          assert.is(finished.status, 0, told(finished))
          assert.is(doneAt.has(answer.task.id), false, `${answer.task.id} is done twice`)
          doneAt.set(answer.task.id, performance.now())
        }
      }
      await Promise.all(Array.from({ length: SESSIONS }, (_, index) => work(`s${index + 1}`)))
      assert.is(doneAt.size, CHAINS * LENGTH)
      const waits = [...heldAt].flatMap(([id, at]) => {
        const [chain = '', step = '0'] = id.split('.')
        const before = doneAt.get(`${chain}.${Number(step) - 1}`)
        return before === undefined ? [] : [at - before]
      })
      waits.sort((a, b) => a - b)
      const [median, p95] = [0.5, 0.95].map((share) => Math.round(waits[Math.floor(waits.length * share)] ?? 0))
      console.log(`${transport}: done to held, ${waits.length} tasks: median ${median} ms, p95 ${p95} ms`)
      assert.ok((p95 ?? 0) <= STUCK_MS, `p95 ${p95} ms`)
      await watcher.stop()
    } finally {
      await killWatchers()
      await box.remove()
    }
  })

test.run()
