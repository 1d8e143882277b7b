/** Events as sessions write them, for the tests of this room. */
import type fc from 'fast-check'
import { seededKeyRing } from '../../src/adapters/memory/local.ts'
import {
  type EventBody,
  type SignedEvent,
  taskKey,
  toBoardName,
  toObjectId,
  toSessionName,
  toTaskId,
} from '../../src/model/index.ts'
import { formatTime, signEvent, traceparent } from '../../src/witness/index.ts'

/** Give `IF_BOARD_SEED` to see a failed property again. */
export const seeded: fc.Parameters<unknown> =
  process.env.IF_BOARD_SEED === undefined ? {} : { seed: Number(process.env.IF_BOARD_SEED) }

export const keys = seededKeyRing('witness tests')
export const session4 = toSessionName('session-4')
export const session2 = toSessionName('session-2')
export const board = toBoardName('TASK-BOARD.md')
export const startMs = 1_762_939_800_000

/** An object id that stands for some commit: 40 times the same digit. */
export function oid(digit: string): ReturnType<typeof toObjectId> {
  return toObjectId(digit.repeat(40))
}

export async function claimBody(change: Partial<EventBody> = {}): Promise<EventBody> {
  const session = change.session ?? session4
  const id = toTaskId('P0.1.2')
  return {
    specversion: '1.0',
    id: '0123456789abcdef0123456789abcdef',
    source: 'if-board:00000000000000000000000000000001',
    type: 'if-board.claim',
    subject: taskKey(board, id),
    time: formatTime(startMs + 250),
    traceparent: traceparent('7'.repeat(32), '0123456789abcdef'),
    session,
    sessionkey: await keys.publicKey(session),
    sequence: 1,
    parents: [],
    data: { task: { board, id, title: 'Write the manifest' }, epoch: 1, leaseSeconds: 1800, why: ['top of the list'] },
    ...change,
  }
}

export async function signed(body: EventBody): Promise<SignedEvent> {
  return signEvent(body, (text) => keys.sign(body.session, text))
}

export async function claimEvent(change: Partial<EventBody> = {}): Promise<SignedEvent> {
  return signed(await claimBody(change))
}

/** A chain of events of one session: `sequence` 1 to `count`, each naming the one before by hash alone. */
export async function chainOf(
  session: EventBody['session'],
  count: number,
  hash: (event: SignedEvent) => string,
): Promise<SignedEvent[]> {
  const events: SignedEvent[] = []
  for (let sequence = 1; sequence <= count; sequence += 1) {
    const before = events.at(-1)
    const past = before === undefined ? {} : { previous: hash(before) }
    events.push(await claimEvent({ session, sequence, time: formatTime(startMs + sequence), ...past }))
  }
  return events
}
