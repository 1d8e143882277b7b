/**
 * How long one decision takes for a process that keeps the board in mind:
 *
 *     node --import tsx scripts/bench/decisions.ts [--tasks 100000] [--sessions 1000]
 *
 * Which task a session gets, of those that are ready, by the index that is kept; and, for a few of the same questions, by
 * sorting all of them anew. Every task that is chosen is claimed, so that no question is asked twice. One line of JSON.
 */
import { parseArgs } from 'node:util'
import { parseBoard } from '../../src/board/index.ts'
import { capabilityBook, matchOf, openCrew, skillsOf } from '../../src/governor/index.ts'
import { linkBoards, schedule } from '../../src/graph/index.ts'
import {
  GOVERNOR_DEFAULTS,
  type SessionName,
  type Task,
  type TaskKey,
  toBoardName,
  toSessionName,
} from '../../src/model/index.ts'
import { pick, rank } from '../../src/scheduler/index.ts'
import type { Demand } from '../../src/scheduler/offer-groups.ts'
import { OfferIndex } from '../../src/scheduler/offer-index.ts'
import { quantile } from './statistics.mjs'

const SKILLS = ['rust', 'sip', 'sql', 'docker', 'ndi', 'go', 'java', 'grpc']
const IDLE = 32
const WARM_UP = 1_000
const MEASURED = 5_000
const ANEW = 5

/** A board may have half a million cells. */
const PER_BOARD = 20_000

function makeBoards(tasks: number) {
  return Array.from({ length: Math.ceil(tasks / PER_BOARD) }, (_, board) => {
    const rows = Math.min(PER_BOARD, tasks - board * PER_BOARD)
    return parseBoard(boardText(rows), toBoardName(`board-${board}.md`))
  })
}

function boardText(tasks: number): string {
  const rows = Array.from({ length: tasks }, (_, at) => {
    const needs = [SKILLS[at % 8], SKILLS[(at >> 3) % 8]].slice(at % 3).join(', ')
    return `| T${at} | do ${at} | AVAILABLE | ${(at % 7) + 1}h | ${needs || '-'} |`
  })
  return ['| ID | Task | Status | Est | Needs |', '|---|---|---|---|---|', ...rows, ''].join('\n')
}

function makeFleet(count: number) {
  const book = capabilityBook(GOVERNOR_DEFAULTS.capabilities)
  const members = Array.from({ length: count }, (_, at) => ({
    session: toSessionName(`session-${at}`),
    skills: skillsOf(book, { said: [{ capabilities: SKILLS.filter((_skill, place) => (at >> place) % 2 === 0) }] }),
    reputation: 0.5 + (at % 10) / 20,
    rateMicroUsdPerHour: (1 + (at % 5)) * 1_000_000,
  }))
  const matches = members.map(
    ({ skills: { has } }) =>
      ({ needs }: Demand) =>
        matchOf(needs, has),
  )
  const demandOf = (task: Task): Demand => {
    const needs = book.needsOf(task)
    const threshold = book.thresholdOf(task)
    return { name: JSON.stringify([threshold, ...needs]), needs, threshold }
  }
  return { members, matches, demandOf, takersOf: openCrew(book, members, []).takersOf }
}

function decide(taskCount: number, sessionCount: number) {
  const { tasks, ...project } = linkBoards(makeBoards(taskCount))
  if (tasks.length !== taskCount) throw new Error(`${tasks.length} of ${taskCount} tasks were read`)
  const plan = schedule({ tasks, ...project }, () => false)
  const { members, matches, demandOf, takersOf } = makeFleet(sessionCount)
  const failedBy = new Map<TaskKey, SessionName>()
  const isKept = () => true
  const index = new OfferIndex({ tasks, schedule: plan, demandOf, failedBy, isReady: () => true })
  const taken = new Set<TaskKey>()
  const [kept, anew]: [number[], number[]] = [[], []]
  for (let round = 0; round < WARM_UP + MEASURED; round += 1) {
    const at = (round * 7919) % sessionCount
    const { session } = members[at] as { session: SessionName }
    const idle = Array.from(
      { length: IDLE },
      (_, place) => (members[(at + place * 31) % sessionCount] as { session: SessionName }).session,
    )
    const match = matches[at] as (demand: Demand) => number
    const question = { session, idle, takersOf, lostBefore: false, fraction: 0 }
    const began = performance.now()
    const chosen = index.decide({ ...question, pins: [], match, isKept })
    if (chosen !== undefined) index.offer(chosen.task.key, false)
    const ms = performance.now() - began
    if (round >= WARM_UP) kept.push(ms)
    if (round >= WARM_UP && anew.length < ANEW) {
      const start = performance.now()
      const shared = { session, schedule: plan, isKept, failedBy, pins: [] }
      const ready = tasks.filter(({ key }) => !taken.has(key))
      const fitting = ready.filter((task) => match(demandOf(task)) >= demandOf(task).threshold)
      const ranked = rank({ ...shared, ready: fitting, capabilityFit: (task) => match(demandOf(task)) })
      const same = pick({ ...question, ranked, contest: { ranked: rank({ ...shared, ready }), takersOf } })
      anew.push(performance.now() - start)
      if (same?.task.key !== chosen?.task.key) throw new Error(`${session}: the index and the ranking do not agree`)
    }
    if (chosen !== undefined) taken.add(chosen.task.key)
  }
  const of = (share: number) => quantile(kept, share)
  return { decisions: kept.length, p50: of(0.5), p99: of(0.99), most: of(1), anew: quantile(anew, 0.5) }
}

const options = { tasks: { type: 'string', default: '100000' }, sessions: { type: 'string', default: '1000' } } as const
const { values } = parseArgs({ options })
console.log(JSON.stringify(decide(Number(values.tasks), Number(values.sessions))))
