/** What sessions do, in one line each, and what came of it as short words. */
import { IfBoardError, type SessionName, splitTaskKey } from '../../src/model/index.ts'
import { type Finish, finish } from '../../src/workflows/finish.ts'
import { fold } from '../../src/workflows/fold.ts'
import { claimTask, next } from '../../src/workflows/next.ts'
import type { FinishOutcome, NextOutcome } from '../../src/workflows/outcomes.ts'
import { type Reading, read } from '../../src/workflows/read.ts'
import type { Clone } from './fleet.ts'

/** `granted T1`, `held T1`, `none`, `lost T1 to session-2`, `refused max-tasks`. */
export async function ask(clone: Clone, session: SessionName, leaseMinutes?: number): Promise<string> {
  return wordsOfNext(await next(clone.box, { session, leaseMinutes }))
}

export async function claim(clone: Clone, session: SessionName, task: string): Promise<string> {
  return wordsOfNext(await claimTask(clone.box, { session, task }))
}

function wordsOfNext(outcome: NextOutcome): string {
  switch (outcome.kind) {
    case 'granted':
    case 'held':
      return `${outcome.kind} ${outcome.card.task.id}`
    case 'lost':
      return `lost ${splitTaskKey(outcome.task).id} to ${outcome.to}`
    case 'none':
      return 'none'
    case 'refused':
      return `refused ${outcome.rule}`
  }
}

/** `completed T1`, `already-settled T1 by Ada Person`, `lost T1 to session-2`. */
export async function end(clone: Clone, session: SessionName, how: Finish, task?: string): Promise<string> {
  return wordsOfFinish(await finish(clone.box, { session, task }, how))
}

export const done = (clone: Clone, session: SessionName, task?: string, evidence = {}): Promise<string> =>
  end(clone, session, { kind: 'completed', evidence }, task)
export const release = (clone: Clone, session: SessionName, task?: string): Promise<string> =>
  end(clone, session, { kind: 'released', reason: undefined }, task)
export const fail = (clone: Clone, session: SessionName, task?: string): Promise<string> =>
  end(clone, session, { kind: 'failed', reason: 'it broke' }, task)

function wordsOfFinish(outcome: FinishOutcome): string {
  if (outcome.kind === 'lost') return `lost ${splitTaskKey(outcome.task).id} to ${outcome.to}`
  if (outcome.kind === 'refused') return `refused ${outcome.rule}`
  const id = splitTaskKey(outcome.task).id
  return `${outcome.kind} ${id}${outcome.by === undefined ? '' : ` by ${outcome.by}`}${outcome.review ? ' (review)' : ''}`
}

/** The code of the error that this throws, or what it gives. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work
  } catch (error) {
    if (error instanceof IfBoardError) return error.code
    throw error
  }
}

/** Fold until nothing is left to write; how many folds landed. */
export async function settle(clone: Clone, session: SessionName): Promise<number> {
  for (let folds = 0; folds < 5; folds += 1) if ((await fold(clone.box, session)).kind === 'nothing') return folds
  throw new Error('folds that never end')
}

/** `T1 ready, T2 claimed by session-1`. */
export async function standing(clone: Clone): Promise<string> {
  return wordsOf(await read(clone.box))
}

function wordsOf({ snapshot }: Reading): string {
  return [...snapshot.views.values()]
    .map(({ task, status, holder }) => `${task.id} ${status}${holder === undefined ? '' : ` by ${holder}`}`)
    .join(', ')
}
