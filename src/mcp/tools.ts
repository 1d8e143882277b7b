/** The tools: what each takes, what it answers, and the workflow that it is. */
import type { Cost, SessionName } from '../model/index.ts'
import { finishJson, nextJson, statusJson } from '../workflows/answers.ts'
import { capabilityWords } from '../workflows/capability-words.ts'
import { type Finish, finish } from '../workflows/finish.ts'
import { foldIfDue } from '../workflows/fold-due.ts'
import { gatherEvidence } from '../workflows/gather-evidence.ts'
import type { Who } from '../workflows/identity.ts'
import { claimTask, next } from '../workflows/next.ts'
import type { NextOutcome } from '../workflows/outcomes.ts'
import { show } from '../workflows/views-show.ts'
import { status } from '../workflows/views-status.ts'
import { why } from '../workflows/views-why.ts'
import { askUntil } from '../workflows/wait.ts'
import type { OpenedBoards } from './boards.ts'
import { type ArgumentsOf, type Fields, readArguments } from './input.ts'
import { FINISH_SCHEMA, NEXT_SCHEMA, SHOW_SCHEMA, STATUS_SCHEMA, WHY_SCHEMA } from './schemas.ts'

/** One call: the boards opened for it, and who asks. */
export interface Call extends OpenedBoards {
  /** For what is taken: joins where there is no name yet. */
  readonly taking: () => Promise<Who>
  /** For what is held. */
  readonly holding: () => Promise<SessionName>
  readonly orNone: () => Promise<SessionName | undefined>
  /** One after the other with what else of this connection moves refs. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
  /** Run in turn, when the answer is on its way; what was opened stays open until then. */
  readonly afterwards: (work: () => Promise<void>) => void
  /** For who asked for progress: what it waits for. */
  readonly progress: (words: string) => Promise<void>
  readonly stop: AbortSignal
}

export interface Tool {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly input: Fields
  readonly output: typeof NEXT_SCHEMA
  readonly readOnly: boolean
  readonly run: (given: unknown, call: Call) => Promise<object>
}

interface ToolOf<F extends Fields> extends Omit<Tool, 'run' | 'input'> {
  readonly input: F
  readonly run: (given: ArgumentsOf<F>, call: Call) => Promise<object>
}

function tool<const F extends Fields>(definition: ToolOf<F>): Tool {
  const { input, run } = definition
  return { ...definition, run: async (given, call) => run(readArguments(input, given), call) }
}

/** Clients give up on a call long before; whoever waits longer asks again. */
const LONGEST_WAIT_S = 3_600
/** The longest lease that is granted: a week. */
const LONGEST_LEASE_MIN = 7 * 24 * 60

const LEASE = {
  type: 'number',
  description: 'Minutes without a sign of life after which others may take it',
  most: LONGEST_LEASE_MIN,
} as const
const TASK_HELD = { type: 'string', description: 'Id, such as P0.1.2; without it, the only task you hold' } as const
const TASK = { type: 'string', description: 'Id, such as P0.1.2, or BOARD:ID', required: true } as const
const COST = { type: 'number', description: 'What it cost, in US dollars, if you know it' } as const

export const TOOLS: readonly Tool[] = [
  tool({
    name: 'next',
    title: 'Next task',
    description:
      'The task you hold, or a newly claimed one, with everything needed to start. Idempotent: asking twice gives the ' +
      'same task. Kind `none`: nothing is ready; ask again after `retryAfterSeconds`, or let it `wait`.',
    input: {
      wait: {
        type: 'number',
        description: 'Seconds to wait for a task when none is ready; stay below the time limit of your client',
        most: LONGEST_WAIT_S,
      },
      peek: { type: 'boolean', description: 'Say what would be granted; claim nothing' },
      lease: LEASE,
    },
    output: NEXT_SCHEMA,
    readOnly: false,
    run: async ({ wait = 0, peek = false, lease }, call) => {
      const { box, stop, openWatch } = call
      const { session } = await call.taking()
      const startedMs = box.clock.now().monotonicMs
      const ask = async () => {
        const outcome = await call.inTurn(() => next(box, { session, leaseMinutes: lease, peek }))
        if (outcome.kind === 'none') await call.progress(waitingWords(outcome, box.clock.now().monotonicMs - startedMs))
        return outcome
      }
      const watch = openWatch === undefined ? {} : { openWatch }
      const outcome = await askUntil({ ...box, ...watch, stop, seconds: wait }, ask)
      if (!peek) call.afterwards(() => foldIfDue(call.box, session))
      return { session, ...nextJson(outcome) }
    },
  }),
  tool({
    name: 'claim',
    title: 'Claim one task',
    description: 'Claim one task by its id. Kind `lost`: another session has it; `none`: it is not ready, and why.',
    input: { task: TASK, lease: LEASE },
    output: NEXT_SCHEMA,
    readOnly: false,
    run: async ({ task, lease }, call) => {
      const { session } = await call.taking()
      const outcome = await call.inTurn(() => claimTask(call.box, { session, task, leaseMinutes: lease }))
      call.afterwards(() => foldIfDue(call.box, session))
      return { session, ...nextJson(outcome) }
    },
  }),
  tool({
    name: 'done',
    title: 'Complete a task',
    description:
      'Complete a task you hold, when its work is committed; branch and commit of HEAD are recorded. ' +
      'Kind `lost`: it is another session’s now; stop working on it.',
    input: {
      task: TASK_HELD,
      evidence: { type: 'string', description: 'A commit (default: HEAD), an URL or text that shows it' },
      note: { type: 'string', description: 'What whoever builds on it must know, at most 500 characters' },
      cost: COST,
    },
    output: FINISH_SCHEMA,
    readOnly: false,
    run: ({ task, evidence, note, cost }, call) =>
      end(call, task, async () => ({
        kind: 'completed',
        evidence: await gatherEvidence(call.box.work, { evidence, note }),
        cost: spent(cost),
      })),
  }),
  tool({
    name: 'block',
    title: 'Block a task',
    description: 'Give a task back that waits for something outside; a person lifts that.',
    input: {
      task: TASK_HELD,
      on: { type: 'string', description: 'What it waits for', required: true },
      needs: {
        type: 'string',
        description: 'Capabilities of who could help, with commas between; makes a task for them',
      },
      cost: COST,
    },
    output: FINISH_SCHEMA,
    readOnly: false,
    run: ({ task, on, needs, cost }, call) =>
      end(call, task, async () => ({
        kind: 'blocked',
        blocker: on,
        needs: capabilityWords('needs', needs),
        cost: spent(cost),
      })),
  }),
  tool({
    name: 'release',
    title: 'Give a task back',
    description: 'Give a task back unfinished, for another session.',
    input: {
      task: TASK_HELD,
      reason: { type: 'string', description: 'Why, for whoever takes it next' },
      cost: COST,
    },
    output: FINISH_SCHEMA,
    readOnly: false,
    run: ({ task, reason, cost }, call) =>
      end(call, task, async () => ({ kind: 'released', reason, cost: spent(cost) })),
  }),
  tool({
    name: 'status',
    title: 'Status',
    description: 'Sessions and what they do, totals, critical path, and what needs a person.',
    input: {},
    output: STATUS_SCHEMA,
    readOnly: true,
    run: async (_, { box }) => statusJson(await status(box)),
  }),
  tool({
    name: 'show',
    title: 'Show a task',
    description: 'All about one task: its text, dependencies, and who did what.',
    input: { task: TASK },
    output: SHOW_SCHEMA,
    readOnly: true,
    run: async ({ task }, { box }) => ({ kind: 'show', ...(await show(box, task)) }),
  }),
  tool({
    name: 'why',
    title: 'Why a task waits',
    description: 'What holds a task down to where something has to happen, or its place in line.',
    input: { task: TASK },
    output: WHY_SCHEMA,
    readOnly: true,
    run: async ({ task }, call) => ({ kind: 'why', ...(await why(call.box, task, await call.orNone())) }),
  }),
]

async function end(call: Call, task: string | undefined, endOf: () => Promise<Finish>): Promise<object> {
  const { box } = call
  const session = await call.holding()
  const outcome = await call.inTurn(async () => finish(box, { session, task }, await endOf()))
  call.afterwards(() => foldIfDue(call.box, session))
  return { session, ...finishJson(outcome) }
}

function spent(usd: number | undefined): Cost | undefined {
  return usd === undefined ? undefined : { usd, source: 'reported' }
}

function waitingWords({ none }: Extract<NextOutcome, { kind: 'none' }>, waitedMs: number): string {
  const holders = none.wouldUnblock.slice(0, 3).map(({ id }) => id)
  const seconds = Math.round(waitedMs / 1000)
  return `nothing is ready after ${seconds} s${holders.length === 0 ? '' : `; others wait for ${holders.join(', ')}`}`
}
