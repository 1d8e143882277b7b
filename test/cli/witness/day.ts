/** A made-up day of five sessions and a person, told by a log. */

import { MADE_BOARD, type MadeFold } from '../../../scripts/bench/made-log.ts'
import { taskKey, toBoardName, toTaskId } from '../../../src/model/index.ts'
import { formatTime, parseTime } from '../../../src/witness/index.ts'
import type { Fleet } from '../../support/fleet.ts'
import { boardOf, type Clone, fleet } from '../../support/fleet.ts'
import { sealDay } from '../../support/sealed-day.ts'

export function at(clock: string, day = '2025-11-12'): number {
  const ms = parseTime(`${day}T${clock.length === 8 ? `${clock}.000` : clock}Z`)
  if (ms === undefined) throw new Error(`no time: ${clock}`)
  return ms
}

export const keyOf = (id: string) => taskKey(toBoardName(MADE_BOARD), toTaskId(id))

const HOSTILE = '\u001b[31mred\u0007 =1+1'

const FOLDS: readonly MadeFold[] = [
  {
    said: [
      { at: at('02:30:00'), session: 'session-4', type: 'joined', data: { rateUsdPerHour: 30, model: 'large' } },
      { at: at('02:30:01'), session: 'session-5', type: 'joined', data: { rateUsdPerHour: 36 } },
      { at: at('02:37:14.023'), session: 'session-4', type: 'claim', task: 'P0.2.3', data: { score: 0.85 } },
      {
        ...{ at: at('02:37:14.100'), session: 'session-5', type: 'lost', task: 'P0.2.3' },
        data: { from: 'session-4', reason: 'another session claimed it first' },
      },
      {
        at: at('02:37:15'),
        session: 'session-6',
        type: 'denied',
        task: 'P0.2.3',
        data: { rule: 'max-tasks', reason: 'it holds another one' },
      },
      { at: at('02:37:30'), session: 'session-4', type: 'note', task: 'P0.2.3', data: { reason: HOSTILE } },
      {
        ...{ at: at('02:38:01.020'), session: 'session-4', type: 'complete', task: 'P0.2.3' },
        data: { cost: { usd: 12.5, seconds: 47, model: 'large' } },
      },
      { at: at('02:38:05'), session: 'session-4', type: 'claim', task: 'P0.2.4' },
    ],
    records: [
      {
        ...{ kind: 'edit', author: 'Ada Person', time: formatTime(at('02:38:30')) },
        changes: [{ key: keyOf('P0.2.5'), field: 'status', from: 'AVAILABLE', to: 'PAUSED' }],
      },
      {
        ...{ kind: 'fold', author: 'folder', time: formatTime(at('02:38:40')) },
        changes: [{ key: keyOf('P0.2.3'), field: 'status', from: 'available', to: 'done' }],
      },
    ],
  },
  {
    said: [
      {
        at: at('02:48:05'),
        session: 'session-4',
        type: 'fail',
        task: 'P0.2.4',
        data: { reason: 'the grammar needs look-ahead' },
      },
      { at: at('02:50:00'), session: 'session-5', type: 'claim', task: 'P0.2.4' },
      { at: at('02:51:00'), session: 'session-5', type: 'cost', task: 'P0.2.4', data: { cost: { usd: 0.1 } } },
      {
        at: at('02:52:00'),
        session: 'session-5',
        type: 'cost',
        task: 'P0.2.4',
        data: { cost: { usd: 0.2, inputTokens: 1200, outputTokens: 300 } },
      },
      { at: at('02:52:01'), session: 'session-7', type: 'claim', task: 'P0.2.4', granted: false },
    ],
  },
  {
    said: [
      {
        at: at('00:10:00', '2025-11-13'),
        session: 'session-6',
        type: 'steal',
        task: 'P0.2.4',
        data: { from: 'session-5' },
      },
      {
        at: at('00:20:00', '2025-11-13'),
        session: 'session-6',
        type: 'block',
        task: 'P0.2.4',
        data: { blocker: 'the bank' },
      },
      { at: at('00:30:00', '2025-11-13'), session: 'session-5', type: 'claim', task: 'P0.2.4' },
      {
        ...{ at: at('01:00:00', '2025-11-13'), session: 'session-5', type: 'complete', task: 'P0.2.4' },
        data: { evidence: { branch: 'session-5/p0.2.4', note: 'see README' } },
      },
      {
        at: at('01:05:00', '2025-11-13'),
        session: 'session-7',
        type: 'merged',
        task: 'P0.2.4',
        data: { from: 'session-5' },
      },
      { at: at('01:06:00', '2025-11-13'), session: 'session-7', type: 'claim', task: 'GONE' },
      {
        at: at('01:07:00', '2025-11-13'),
        session: 'session-7',
        type: 'release',
        task: 'GONE',
        data: { reason: 'not now' },
      },
    ],
  },
]

export async function madeUpDay(): Promise<{ readonly team: Fleet; readonly clone: Clone }> {
  const team = await fleet({
    kind: 'memory',
    board: boardOf(['P0.2.3', 'COMPLETED'], ['P0.2.4', 'COMPLETED'], ['P0.2.5', 'PAUSED'], ['P0.2.6']),
  })
  team.clock.setWall(at('02:00:00', '2025-11-13'))
  const clone = await team.clone()
  await sealDay(team, clone, FOLDS)
  return { team, clone }
}
