/**
 * `run ID`: a task with a body is done without a session's work.
 *
 * ```text
 * asked ─▶ read ─────▶ claimed ─▶ ran ─▶ kept on a branch ─▶ completed
 *            │            │         └──▶ failed              (its check may refuse: failed)
 *            ▼            ▼         └──▶ released, where nobody knows
 *         refused      lost, none, refused
 * ```
 * What cannot be read is refused before anything is claimed. A crash leaves a claim that runs out, and perhaps a branch;
 * the same session asked again goes on with what it holds.
 */
import {
  type Evidence,
  IfBoardError,
  type ObjectId,
  type SessionName,
  type Task,
  taskRefKey,
} from '../../model/index.ts'
import { admissionFacts } from '../admission-facts.ts'
import { findTask } from '../find-task.ts'
import { type Finish, finish } from '../finish.ts'
import { claimTask } from '../next.ts'
import type { FinishOutcome, NextOutcome, Refused, TaskCard } from '../outcomes.ts'
import { refusedByPolicy } from '../policy-gate.ts'
import { read, type WholeReading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { gather } from './gather.ts'
import { noteRun } from './judge-work.ts'
import { keepOutputs } from './keep-outputs.ts'
import { type JobResult, runJob, toolsOf } from './run-job.ts'
import { bodyOf, type TaskJob } from './task-jobs.ts'
import type { JobTools, NotRun } from './tools.ts'

export interface RunRequest {
  readonly session: SessionName
  readonly task: string
}

export type RunOutcome = FinishOutcome | Extract<NextOutcome, { kind: 'lost' | 'none' | 'refused' }>

/** @throws IfBoardError `task/unknown`, `task/ambiguous`, `task/no-body` */
export async function runBody(box: Toolbox, { session, task: typed }: RunRequest): Promise<RunOutcome> {
  const reading = await read(box)
  const { task } = findTask(reading.snapshot, typed)
  const what = bodyOf(task, reading.config.checks)
  if (what === undefined) throw noBody(task)
  const { commit } = await box.work.head()
  const tools = await toolsOf(box)
  const problem = await whyNot(box, reading, { tools, what, commit })
  if (problem !== undefined) return refused(task, problem)
  const forbidden = await refusedByPolicy(box, reading, admissionFacts(box, reading, session), { action: 'run', task })
  if (forbidden !== undefined) return { ...forbidden, kind: 'refused', task: task.key }
  const taken = await claimTask(box, { session, task: task.key })
  if (taken.kind !== 'granted' && taken.kind !== 'held') return taken
  return runClaimed(box, { session, card: taken.card, tools, commit: commit as ObjectId })
}

function noBody({ id }: Task): IfBoardError {
  return new IfBoardError('task/no-body', `\`${id}\` has no body that could be run`, {
    hint: `A session does it: if-board claim ${id}`,
  })
}

interface Question {
  readonly tools: JobTools | undefined
  readonly what: TaskJob
  readonly commit: ObjectId | undefined
}

/** What can be known before anything is claimed. */
async function whyNot(
  box: Toolbox,
  reading: WholeReading,
  { tools, what, commit }: Question,
): Promise<NotRun | undefined> {
  const { job } = what
  if (commit === undefined)
    return { kind: 'not-run', reason: 'HEAD has no commit to read it from', hint: 'Commit something first' }
  if (job.kind !== 'module' || tools === undefined) return undefined
  const gathered = await gather(box, reading, { tools, job, task: what, commit })
  if (gathered.kind === 'not-run') return gathered
  return what.http === undefined ? undefined : tools.services.missing()
}

interface Claimed {
  readonly session: SessionName
  readonly card: TaskCard
  readonly tools: JobTools | undefined
  readonly commit: ObjectId
}

/** By the board as it was when the claim landed: the body may be another one since it was looked at first. */
async function runClaimed(box: Toolbox, { session, card, tools, commit }: Claimed): Promise<RunOutcome> {
  const reading = await read(box)
  const task = reading.snapshot.views.get(card.task.key)?.task ?? card.task
  const end = (how: Finish) => finish(box, { session, task: task.key }, how)
  const what = bodyOf(task, reading.config.checks)
  if (what === undefined || tools === undefined) {
    await end({ kind: 'released', reason: 'its body was taken away' })
    throw noBody(task)
  }
  const question = { task, what, session, purpose: 'run', commit } as const
  const result = await runJob(box, reading, tools, question)
  await noteRun(box, question, result)
  if (result.verdict === 'not-run') {
    const outcome = await end({ kind: 'released', reason: `${result.name}: ${result.reason}` })
    return outcome.kind === 'lost' ? outcome : refused(task, result)
  }
  if (result.verdict === 'failed') {
    const outcome = await end({ kind: 'failed', reason: `${result.name}: ${result.reason}` })
    return outcome.kind === 'lost' ? outcome : failed(task, result)
  }
  const evidence = await evidenceOf(box, tools, { task, result, commit, epoch: card.claim?.epoch ?? 0 })
  const outcome = await end({ kind: 'completed', evidence })
  if (outcome.kind === 'refused') await end({ kind: 'failed', reason: outcome.reason })
  return outcome
}

interface Kept {
  readonly task: Task
  readonly result: JobResult
  readonly commit: ObjectId
  readonly epoch: number
}

async function evidenceOf(
  box: Toolbox,
  tools: JobTools,
  { task, result: { name, files }, commit, epoch }: Kept,
): Promise<Evidence> {
  const note = `done by ${name}`
  if (files.size === 0) return { commit, note }
  const branch = `if-board-run/${taskRefKey(task.key, box.sha256)}-${epoch}`
  const message = `${task.id}: ${task.title}\n\nWritten by ${name}, which is the body of this task.\n`
  const kept = await keepOutputs(tools.repository, { files, parent: commit, branch, message, now: box.clock.now() })
  return { branch, commit: kept, note }
}

function failed({ key, id }: Task, { name, reason, output }: JobResult): Refused {
  return {
    kind: 'refused',
    rule: 'run',
    reason: `the body of ${id}, ${name}, does not pass: ${reason}`,
    hint: `It is given back; what happened to it: if-board witness show ${id}`,
    task: key,
    ...(output === '' ? {} : { output }),
  }
}

function refused(
  { key, id }: Task,
  { reason, hint }: { readonly reason: string; readonly hint?: string | undefined },
): Refused {
  return {
    kind: 'refused',
    rule: 'run-not-run',
    reason: `the body of ${id} could not be run: ${reason}`,
    hint,
    task: key,
  }
}
