/** What policies keep back of the tasks that a session could be offered. */
import type { Refusal } from '../governor/index.ts'
import type { TaskKey } from '../model/index.ts'
import { DRAWN_FROM } from '../scheduler/index.ts'
import { admissionFacts } from './admission-facts.ts'
import { type ChooseRequest, type Chosen, choose, idleSessions, rankFor, type Withheld } from './choose.ts'
import { openPolicies, policyRefusal } from './policies.ts'
import type { Reading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

/** Tasks that one command asks policies about; each takes some milliseconds. */
const MAX_JUDGED = 300

/** `choose`, among what the policies allow. The first that they forbid is told where nothing else is left. */
export async function chooseAllowed(box: Toolbox, reading: Reading, request: ChooseRequest): Promise<Chosen> {
  const first = choose(box, reading, request)
  const policies = first.kind === 'choice' ? await openPolicies(box, reading.branch) : undefined
  if (policies === undefined || policies.kind === 'none') return first
  const facts = admissionFacts(box, reading, request.session)
  const wanted = Math.max(DRAWN_FROM, idleSessions(reading, request.session).length)
  const allowed = new Set<TaskKey>()
  const avoid = new Set(request.avoid)
  let withheld: Withheld | undefined
  for (const { task } of rankFor(box, reading, request).slice(0, MAX_JUDGED)) {
    const refusal = await policyRefusal(policies, facts, { action: 'claim', task })
    if (refusal === undefined) allowed.add(task.key)
    else {
      avoid.add(task.key)
      withheld ??= withheldBy(reading, task.key, refusal)
    }
    if (allowed.size >= wanted || policies.kind === 'broken') break
  }
  const again = allowed.size === 0 ? undefined : choose(box, reading, { ...request, avoid })
  if (again?.kind === 'choice' && !allowed.has(again.view.task.key)) return { kind: 'nothing', withheld }
  return again === undefined || again.kind === 'nothing' ? { kind: 'nothing', withheld } : again
}

function withheldBy({ snapshot }: Reading, key: TaskKey, refusal: Refusal): Withheld | undefined {
  const view = snapshot.views.get(key)
  return view === undefined ? undefined : { view, refusal }
}
