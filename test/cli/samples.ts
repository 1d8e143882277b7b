/** Cards and answers for the texts of the command line. */

import type { CardRequest } from '../../src/cli/print/card.ts'
import type { BoardName, ObjectId, RefName, Task, TaskId, TaskKey } from '../../src/model/index.ts'
import { toSessionName } from '../../src/model/index.ts'
import type { DependencyCard, TaskCard } from '../../src/workflows/outcomes.ts'

const BOARD = 'TASK-BOARD.md' as BoardName

function key(id: string): TaskKey {
  return `${BOARD}:${id}` as TaskKey
}

export function task(id: string, more: Partial<Task> = {}): Task {
  return {
    key: key(id),
    id: id as TaskId,
    board: BOARD,
    title: 'Write the parser of SIP messages',
    description: undefined,
    status: 'available',
    statusText: '',
    statusNote: undefined,
    owner: undefined,
    assigned: undefined,
    dependencies: [],
    externalBlockers: [],
    deliverable: undefined,
    estimateMinutes: undefined,
    model: undefined,
    priority: undefined,
    capabilities: [],
    budgetUsd: undefined,
    check: undefined,
    run: undefined,
    acceptance: [],
    section: undefined,
    filler: false,
    place: { file: BOARD, line: 12, column: 1 },
    ...more,
  }
}

export function dependency(id: string, more: Partial<DependencyCard> = {}): DependencyCard {
  return { key: key(id), id, title: `Title of ${id}`, by: 'session-2', evidence: {}, inHead: undefined, ...more }
}

const GRANTED_AT = Date.UTC(2025, 10, 12, 9, 30)

export function card(more: Partial<TaskCard> = {}): TaskCard {
  return {
    task: task('P0.1.2'),
    claim: {
      ref: 'refs/if-board/c/p0.1.2-1a2b3c4d' as RefName,
      oid: 'c'.repeat(40) as ObjectId,
      epoch: 1,
      leaseSeconds: 1800,
      at: GRANTED_AT,
    },
    why: ['assigned to Session 4', 'on the critical path: 3h of work behind it'],
    score: 1,
    passedOver: [],
    dependencies: [],
    acceptance: [],
    predecessors: [],
    doNotTouch: [],
    changes: [],
    changed: [],
    failures: 0,
    ...more,
  }
}

export function request(of: TaskCard, more: Partial<CardRequest> = {}): CardRequest {
  return {
    card: of,
    session: toSessionName('session-4'),
    branch: 'main',
    held: false,
    peek: false,
    now: GRANTED_AT + 12 * 60_000,
    nameSession: false,
    ...more,
  }
}

/** A task with everything that a card can show. */
export function fullCard(): TaskCard {
  return card({
    task: task('P0.1.2', {
      description: 'Read requests and responses as RFC 3261 has them.\nFolded header lines count as one.',
      deliverable: 'src/sip/parse.ts with tests',
    }),
    dependencies: [
      dependency('P0.1.1', {
        evidence: {
          branch: 'session-2/p0.1.1',
          commit: 'a'.repeat(40) as ObjectId,
          note: 'types are in src/sip/types.ts',
        },
        inHead: false,
      }),
      dependency('P0.0.1', { by: 'Ann', evidence: { commit: 'b'.repeat(40) as ObjectId }, inHead: true }),
    ],
    acceptance: [
      { text: 'every example of RFC 4475 is read or refused', done: false },
      { text: 'no input throws', done: true },
    ],
    predecessors: [
      { session: toSessionName('session-7'), what: 'failed', reason: 'the grammar needs look-ahead' },
      { session: toSessionName('session-3'), what: 'lost it to a steal', reason: undefined },
    ],
    doNotTouch: ['package.json', 'src/auth'],
    failures: 1,
  })
}
