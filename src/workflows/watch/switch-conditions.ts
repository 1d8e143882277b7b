/** Claims that would go to etcd or back by themselves, and may not until a person does something or much time passes. Pure. */

import type { EscalationSight } from '../fast/escalate.ts'
import { stayWords } from '../fast/escalation-words.ts'
import type { Condition } from './alarms.ts'

export function switchConditions(sight: EscalationSight | undefined): Condition[] {
  const judged = sight?.judged
  // The least time is part of the rule, and nobody need do anything about it.
  if (sight === undefined || judged?.kind !== 'held' || judged.why === 'least-time') return []
  const wish = judged.to === 'etcd' ? 'claims in git wait for each other' : 'etcd decides few claims'
  return [
    {
      key: `switch-held ${judged.to} ${judged.why}`,
      alarm: 'switch-held',
      afterMs: 0,
      task: null,
      session: null,
      message: `${wish}, and ${judged.to} does not take over by itself: ${stayWords(judged, sight.facts)}`,
      hint: `if-board fast status (to change it yourself: if-board fast ${judged.to === 'etcd' ? 'up' : 'down'})`,
    },
  ]
}
