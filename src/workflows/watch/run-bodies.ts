/**
 * Ready tasks that have a body, done by a watcher that was told to: one at a time, each body once for each commit.
 *
 * A body that did not pass is tried again when it, its bounds or HEAD is another one; what runs is the board's word, so
 * nobody runs it unasked.
 */
import type { JobRules, SessionName, Task, TaskKey } from '../../model/index.ts'
import { jobName } from '../../model/job.ts'
import { asIfBoardError } from '../answers.ts'
import { runBody } from '../jobs/run-body.ts'
import { bodyOf } from '../jobs/task-jobs.ts'
import type { Reading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import type { Telling } from './events.ts'

export interface BodyRunner {
  /** Called with each reading; answers at once. */
  seen(reading: Reading): void
  /** Settles when what runs has ended. */
  close(): Promise<void>
}

export interface RunnerTools {
  readonly box: Toolbox
  readonly session: SessionName
  readonly tell: (telling: Telling) => void
}

export function bodyRunner({ box, session, tell }: RunnerTools): BodyRunner {
  const tried = new Map<TaskKey, string>()
  let running: Promise<void> | undefined
  let isClosed = false

  const work = async (reading: Reading) => {
    const { commit = '' } = await box.work.head()
    for (const task of withBody(reading, session)) {
      const mark = JSON.stringify([commit, bodyOf(task, reading.config.checks)])
      if (isClosed || tried.get(task.key) === mark) continue
      tried.set(task.key, mark)
      tell(await toldOf(box, { session, task, rules: reading.config.checks }))
    }
  }
  return {
    seen(reading) {
      running ??= work(reading)
        .catch((error) => tell(troubleOf(error)))
        .finally(() => {
          running = undefined
        })
    },
    async close() {
      isClosed = true
      await running
    },
  }
}

/** Ready, or left by a runner that was ended in its work; in board order. */
function withBody({ snapshot, config }: Reading, session: SessionName): Task[] {
  const isOurs = ({ key }: Task) => {
    const view = snapshot.views.get(key)
    return view?.status === 'ready' || (view?.status === 'claimed' && view.holder === session)
  }
  return snapshot.project.tasks.filter((task) => isOurs(task) && bodyOf(task, config.checks)?.job.kind === 'module')
}

interface Asked {
  readonly session: SessionName
  readonly task: Task
  readonly rules: JobRules | undefined
}

async function toldOf(box: Toolbox, { session, task, rules }: Asked): Promise<Telling> {
  try {
    const outcome = await runBody(box, { session, task: task.key })
    const job = bodyOf(task, rules)?.job
    const name = job === undefined || job.kind === 'malformed' ? '' : jobName(job)
    const message = outcome.kind === 'refused' || outcome.kind === 'lost' ? outcome.reason : name
    return { event: 'ran', task: task.id, title: task.title, session, outcome: outcome.kind, message }
  } catch (error) {
    return troubleOf(error)
  }
}

/** A watch goes on, whatever one task may do. */
function troubleOf(error: unknown): Telling {
  const { code, message, hint } = asIfBoardError(error)
  return { event: 'trouble', code, message, hint: hint ?? null }
}
