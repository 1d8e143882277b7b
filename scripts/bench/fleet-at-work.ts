/**
 * Seven sessions with different skills and prices work through the recorded board, with needs added, in virtual time:
 *
 *     node --import tsx scripts/bench/fleet-at-work.ts BOARD HISTORY [--seed 1] [--ungoverned]
 *
 * What hands out, claims, completes and folds are the real workflows on an authority in memory. What is made up is the
 * work: a task takes as long as the record says; a session without the skills takes twice as long and fails six times out
 * of ten, one that has them three times out of a hundred; one session spirals (`fleet-roles.ts`). Prints one line of JSON.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { seededChance } from '../../src/adapters/memory/local.ts'
import { fleetInMemory } from '../../src/cli/wiring/memory.ts'
import {
  GOVERNOR_DEFAULTS,
  type GovernorConfig,
  type SessionName,
  splitTaskKey,
  toSessionName,
} from '../../src/model/index.ts'
import type { Chance } from '../../src/ports/index.ts'
import { renew } from '../../src/workflows/adjust.ts'
import { finish } from '../../src/workflows/finish.ts'
import { foldIfDue } from '../../src/workflows/fold-due.ts'
import type { TaskCard } from '../../src/workflows/outcomes.ts'
import { say } from '../../src/workflows/publish.ts'
import { read } from '../../src/workflows/read.ts'
import { ask } from '../../src/workflows/replay.ts'
import { openBoard, writeBranch } from '../../src/workflows/replay-branch.ts'
import { durationsMs } from '../../src/workflows/replay-figures.ts'
import { parseHistory } from '../../src/workflows/replay-history.ts'
import { type Timeline, virtualTimeline } from '../../src/workflows/replay-timeline.ts'
import type { Toolbox } from '../../src/workflows/toolbox.ts'
import { FLEET, type Role, truth, withNeeds } from './fleet-roles.ts'

const DAY_MS = 24 * 3_600_000
/** Below this a session is the wrong one for a task. */
const RIGHT = 0.7
const FAILS = { right: 0.03, wrong: 0.6 }
const SPIRAL_PRICE = 10

/** One who spends over $15 an hour, seen over ten minutes, is stopped until a person has looked; all else is as in a fresh project. */
const GOVERNED: GovernorConfig = {
  ...GOVERNOR_DEFAULTS,
  breaker: { ...GOVERNOR_DEFAULTS.breaker, windowMinutes: 10, microUsdPerHour: 15_000_000, halfOpen: 'manual' },
}

/** Anybody may do anything, as long as he likes: nothing matched, nothing counted. */
const UNGOVERNED: GovernorConfig = {
  ...GOVERNOR_DEFAULTS,
  capabilities: { ...GOVERNOR_DEFAULTS.capabilities, match: 0 },
  breaker: { ...GOVERNOR_DEFAULTS.breaker, consecutive: 1000, failures: 1000, quarantine: 1000 },
}

/** One grant and what came of it. */
interface Grant {
  readonly session: string
  readonly task: string
  readonly match: number
  readonly spirals: boolean
  readonly usd: number
  readonly completed: boolean
}

interface Day {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly boxOf: (role: Role) => Toolbox
  readonly minutesOf: (id: string) => number
  readonly needsOf: (id: string) => readonly string[]
  readonly grants: Grant[]
  readonly quiet: Set<string>
  working: number
}

async function simulate(board: string, history: string, seed: string, governor: GovernorConfig) {
  const opened = await openBoard({ name: 'board', bytes: Buffer.from(withNeeds(readFileSync(board, 'utf8'))) })
  const record = parseHistory(readFileSync(history, 'utf8'), history)
  const { byTask, otherwise = 300_000 } = durationsMs(record.events)
  const { startAt } = record
  const timeline = virtualTimeline({ startAt, endAt: startAt + 7 * DAY_MS, pollMs: 5_000, quietMs: 450_000 })
  const makeBox = fleetInMemory(seed)
  const boxOf = ({ name }: Role) => makeBox(toSessionName(name), timeline.clock)
  await writeBranch(makeBox(toSessionName('observer'), timeline.clock), opened, { governor })
  const needs = new Map(opened.project.tasks.map(({ id, capabilities }) => [String(id), capabilities]))
  const day: Day = {
    timeline,
    boxOf,
    chance: seededChance(`work/${seed}`),
    minutesOf: (id) => ([...byTask].find(([task]) => task === id)?.[1] ?? otherwise) / 60_000,
    needsOf: (id) => needs.get(id) ?? [],
    grants: [],
    quiet: new Set(),
    working: 0,
  }
  for (const role of FLEET) timeline.start(startAt, () => workAs(role, day))
  await timeline.run()
  const { views } = (await read(makeBox(toSessionName('observer'), timeline.clock))).snapshot
  return figuresOf(day.grants, [...views.values()].filter(({ status }) => status !== 'done').length)
}

async function workAs(role: Role, day: Day): Promise<void> {
  const session = toSessionName(role.name)
  const box = day.boxOf(role)
  await announce(box, session, role)
  for (let tasks = 1; ; ) {
    day.quiet.delete(role.name)
    const outcome = await ask(box, session)
    if (outcome.kind === 'none' && outcome.none.finished) return
    if (outcome.kind === 'granted' || outcome.kind === 'held') {
      await workOn(box, day, { role, session, card: outcome.card, spirals: tasks >= (role.spiralsFrom ?? 1e9) })
      tasks += 1
      continue
    }
    if (outcome.kind !== 'busy') day.quiet.add(role.name)
    if (day.working === 0 && day.quiet.size === FLEET.length) return day.timeline.changed()
    await day.timeline.idle()
  }
}

async function announce(box: Toolbox, session: SessionName, { can, usdPerHour }: Role): Promise<void> {
  for (;;) {
    const data = { capabilities: can, rateUsdPerHour: usdPerHour }
    const { outcome } = await say(box, await read(box), { session, type: 'joined', data })
    if (outcome.kind === 'moved') return
    await box.clock.sleep(100)
  }
}

interface Work {
  readonly role: Role
  readonly session: SessionName
  readonly card: TaskCard
  readonly spirals: boolean
}

async function workOn(box: Toolbox, day: Day, { role, session, card, spirals }: Work): Promise<void> {
  const { key } = card.task
  const id = String(splitTaskKey(key).id)
  const match = truth(role, day.needsOf(id))
  const minutes = day.minutesOf(id) * (match >= RIGHT ? 1 : 2)
  const usd = (minutes / 60) * role.usdPerHour * (spirals ? SPIRAL_PRICE : 1)
  const fails = day.chance.fraction() < (match >= RIGHT ? FAILS.right : FAILS.wrong) || spirals
  day.quiet.clear()
  day.working += 1
  for (let left = minutes; left > 0; left -= 7) {
    await box.clock.sleep(Math.min(left, 7) * 60_000)
    await renew(box, session)
  }
  const cost = { usd, seconds: minutes * 60 }
  const end = fails
    ? ({ kind: 'failed', reason: 'it did not work' } as const)
    : ({ kind: 'completed', evidence: {} } as const)
  const { kind } = await finish(box, { session, task: key }, { ...end, cost })
  await foldIfDue(box, session)
  day.grants.push({ session: role.name, task: id, match, spirals, usd, completed: kind === 'completed' })
  day.working -= 1
  day.quiet.clear()
  day.timeline.changed()
}

function figuresOf(grants: readonly Grant[], unfinished: number) {
  const sum = (some: readonly Grant[]) => some.reduce((total, { usd }) => total + usd, 0)
  const first = new Map<string, Grant>()
  for (const grant of grants) if (grant.completed && !first.has(grant.task)) first.set(grant.task, grant)
  const spiral = grants.filter(({ spirals }) => spirals)
  const wasted = grants.filter((grant) => first.get(grant.task) !== grant && !grant.spirals)
  return {
    grants: grants.length,
    misassigned: grants.filter(({ match }) => match < RIGHT).length / grants.length,
    usd: sum(grants),
    wasted: sum(wasted) / sum(grants),
    redundant: grants.filter(({ completed }) => completed).length - first.size,
    spiral: { grants: spiral.length, usd: sum(spiral) },
    unfinished,
  }
}

const options = { seed: { type: 'string', default: '1' }, ungoverned: { type: 'boolean', default: false } } as const
const { values, positionals } = parseArgs({ options, allowPositionals: true })
const [board = '', history = ''] = positionals
console.log(JSON.stringify(await simulate(board, history, values.seed, values.ungoverned ? UNGOVERNED : GOVERNED)))
