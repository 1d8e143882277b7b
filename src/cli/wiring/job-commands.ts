/** The executor as what checks and bodies of tasks run commands by; loaded where a task names one. */
import type { Hub, Repository } from '../../adapters/git/index.ts'
import { checkCommand } from '../../workflows/executor/command-check.ts'
import type { CommandReport, CommandRunner } from '../../workflows/jobs/tools.ts'
import { read } from '../../workflows/read.ts'
import type { Toolbox } from '../../workflows/toolbox.ts'
import type { Shell } from '../shell.ts'
import { executorTools } from './executor.ts'

interface Here {
  readonly box: Toolbox
  readonly hub: Hub
  readonly repository: Repository
}

/** Time, memory and output are those of the grant: limits of modules are for what takes seconds. */
export function jobCommands({ box, hub, repository }: Here, shell: Shell): CommandRunner {
  return async ({ argv, task, session, commit, demand }) => {
    if (repository.workTree === undefined)
      return notRun('it is a command, and this repository has no work tree to run it in', 'Ask in a clone with files')
    if (session === undefined)
      return notRun('it is a command, which runs for a session alone', 'Say who asks: --session NAME')
    const reading = await read(box)
    const view = reading.snapshot.views.get(task)
    if (view === undefined) return notRun('its task is on no board any more', 'if-board list')
    const tools = executorTools({ hub, repository }, shell)
    return checkCommand(box, reading, tools, { session, view, argv, commit, demand })
  }
}

function notRun(reason: string, hint: string): CommandReport {
  return { kind: 'not-run', reason, hint }
}
