/** One session of a station: takes, works, gives back, completes; asks again what cannot be asked now. */
import { setTimeout as sleep } from 'node:timers/promises'
import { IfBoardError, type ObjectId, type SessionName } from '../../src/model/index.ts'
import { decodeEventCommit } from '../../src/witness/index.ts'
import { finish } from '../../src/workflows/finish.ts'
import { claimTask, next } from '../../src/workflows/next.ts'
import type { NextOutcome, TaskCard } from '../../src/workflows/outcomes.ts'
import type { Toolbox } from '../../src/workflows/toolbox.ts'
import { type Answer, type Note, noted } from './notes.ts'

export interface Worker {
  readonly random: () => number
  /** Ids on the board. */
  readonly tasks: readonly string[]
  readonly leaseMs: number
  /** Of what is taken, this part is completed, the rest given back, until the end is near. */
  readonly completes: number
  isCalm: boolean
}

interface Seat {
  readonly session: SessionName
  /** Over git or over etcd, whoever decides now. */
  readonly toolbox: () => Toolbox
  readonly note: (note: Note) => void
}

/** Until its process ends. */
export async function runSession(worker: Worker, seat: Seat): Promise<never> {
  for (;;) {
    const task = await take(worker, seat)
    if (task !== undefined) {
      await work(worker, seat)
      await end(worker, seat, task)
    }
    // Nothing, or not now: later.
    await sleep((task === undefined ? 600 : 100) + worker.random() * 400)
  }
}

/** The next task or, often, one that others ask for too. */
async function take(worker: Worker, { session, toolbox, note }: Seat): Promise<string | undefined> {
  const { tasks, random } = worker
  const wish = worker.isCalm || random() < 0.5 ? undefined : tasks[Math.floor(random() * tasks.length)]
  const question = { session, what: wish === undefined ? ('next' as const) : ('claim' as const), ...taskOf(wish) }
  const told = await noted(note, question, () =>
    answered(async () => {
      const box = toolbox()
      const outcome = await (wish === undefined ? next(box, { session }) : claimTask(box, { session, task: wish }))
      return heard(box, outcome)
    }),
  )
  return told.answer === 'granted' || told.answer === 'held' ? told.task : undefined
}

/** Mostly shorter than the lease of the mode, sometimes longer; some show a sign of life meanwhile. */
async function work({ isCalm, random, leaseMs }: Worker, { session, toolbox, note }: Seat): Promise<void> {
  if (isCalm) return
  await sleep(random() ** 3 * leaseMs * 1.6)
  if (random() < 0.3) await noted(note, { session, what: 'next' }, () => answered(() => asNext(toolbox(), session)))
}

const asNext = async (box: Toolbox, session: SessionName) => heard(box, await next(box, { session }))

async function end({ isCalm, random, completes }: Worker, { session, toolbox, note }: Seat, task: string) {
  const how = isCalm || random() < completes ? 'done' : 'release'
  await noted(note, { session, what: how, task }, () =>
    answered(async () => {
      const said =
        how === 'done' ? { kind: 'completed' as const, evidence: {} } : { kind: 'released' as const, reason: '' }
      const { kind, task: key } = await finish(toolbox(), { session, task }, said)
      return { answer: kind, ...taskOf(key?.split(':')[1]) }
    }),
  )
}

async function answered(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof IfBoardError) return { answer: error.code }
    throw error
  }
}

async function heard(box: Toolbox, outcome: NextOutcome): Promise<Answer> {
  if (outcome.kind !== 'granted' && outcome.kind !== 'held') return { answer: outcome.kind }
  const { task, claim } = outcome.card
  return { answer: outcome.kind, task: task.id, ...(claim === undefined ? {} : await tokenOf(box, claim)) }
}

async function tokenOf(box: Toolbox, { oid, epoch }: NonNullable<TaskCard['claim']>): Promise<Partial<Answer>> {
  // In etcd the engine knows the token.
  if (box.fast !== undefined) return { claim: oid }
  const object = await box.objects.read(oid as ObjectId)
  const event = object && decodeEventCommit(object.body)
  return { claim: oid, token: { epoch: event?.data.modeEpoch ?? 0, number: epoch } }
}

function taskOf(task: string | undefined): { readonly task?: string } {
  return task === undefined ? {} : { task }
}
