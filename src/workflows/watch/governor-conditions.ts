/** What the governor has stopped, and objectives whose budget of failures burns. Pure. */
import type { Objective } from '../../governor/index.ts'
import type { BreakerItem } from '../breaker-list.ts'
import { objectiveWords } from '../objectives.ts'
import type { Condition } from './alarms.ts'

export interface Governed {
  readonly breakers: readonly BreakerItem[]
  readonly objectives: readonly Objective[]
}

export function governorConditions({ breakers, objectives }: Governed): Condition[] {
  return [...breakers.map(stopped), ...objectives.filter(({ burning }) => burning).map(burning)]
}

/** Half-open is not over: it stays the same condition until the breaker is closed. */
function stopped({ of, name, board, reason, hint }: BreakerItem): Condition {
  const isTask = of === 'task'
  return {
    key: isTask ? `quarantined ${board}:${name}` : `breaker-open ${name}`,
    alarm: isTask ? 'quarantined' : 'breaker-open',
    afterMs: 0,
    task: isTask ? name : null,
    session: isTask ? null : name,
    message: isTask ? `${name} is offered to nobody: ${reason}` : `the breaker of ${name} opened: ${reason}`,
    hint,
  }
}

function burning(objective: Objective): Condition {
  return {
    key: `objective-burning ${objective.board} ${objective.kind}`,
    alarm: 'objective-burning',
    afterMs: 0,
    task: null,
    session: null,
    message: objectiveWords(objective),
    hint: 'See what fails: if-board witness log --type fail',
  }
}
