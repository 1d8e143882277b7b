/** Facts for snapshots, without a repository. */
import { seededKeyRing } from '../../src/adapters/memory/local.ts'
import type {
  Config,
  EventBody,
  ObjectId,
  ParsedBoard,
  SessionName,
  TaskKey,
  TaskState,
} from '../../src/model/index.ts'
import { GOVERNOR_DEFAULTS, splitTaskKey, toSessionName } from '../../src/model/index.ts'
import { type Facts, type Snapshot, takeSnapshot } from '../../src/projection/index.ts'
import { formatTime, signEvent, toClaimRecord, traceparent } from '../../src/witness/index.ts'

const keys = seededKeyRing('projection tests')
export const startMs = 1_762_945_025_000

export const config: Config = {
  boards: ['*.md'],
  boardId: '0'.repeat(32),
  authority: 'local',
  refs: 'custom',
  leaseMinutes: 30,
  foldEverySeconds: 5,
  doneWhen: 'reported',
  baseBranch: undefined,
  maxTasks: 1,
  maxClaims: undefined,
  pausedSessions: new Map(),
  governor: GOVERNOR_DEFAULTS,
  doNotTouch: [],
}

export function snapshotOf(boards: readonly ParsedBoard[], facts: Partial<Facts> = {}): Snapshot {
  return takeSnapshot({
    config,
    boards,
    states: new Map(),
    claims: [],
    rowsBefore: new Set(),
    unreadable: new Set(),
    sessions: [],
    active: new Set(),
    since: 0,
    ...facts,
  })
}

export function states(...all: readonly TaskState[]): Map<TaskKey, TaskState> {
  return new Map(all.map((state) => [state.key, state]))
}

export function doneState(key: TaskKey, by: string, minute: number): TaskState {
  const done = { by: by === 'person' ? 'person' : toSessionName(by), at: startMs + minute * 60_000 } as const
  return { key, shown: 'done', grants: 1, failures: 0, done }
}

/** A claim ref's record; `digit` makes its object id. */
export async function claim(
  type: 'claim' | 'complete' | 'release' | 'fail',
  key: TaskKey,
  by: string,
  { minute = 0, digit = '1', ...data }: { minute?: number; digit?: string } & Partial<EventBody['data']> = {},
) {
  const session: SessionName = toSessionName(by)
  const { board, id } = splitTaskKey(key)
  const body: EventBody = {
    specversion: '1.0',
    id: '0123456789abcdef0123456789abcdef',
    source: `if-board:${config.boardId}`,
    type: `if-board.${type}`,
    subject: key,
    time: formatTime(startMs + minute * 60_000),
    traceparent: traceparent('7'.repeat(32), '0123456789abcdef'),
    session,
    sessionkey: await keys.publicKey(session),
    sequence: 1,
    parents: [],
    data: { task: { board, id, title: `Title of ${id}` }, epoch: 1, leaseSeconds: 1800, ...data },
  }
  const record = toClaimRecord(digit.repeat(40) as ObjectId, await signEvent(body, (text) => keys.sign(session, text)))
  if (record === undefined) throw new Error('no claim record')
  return record
}
