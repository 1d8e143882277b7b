/** `list`: every task of every board as it stands now. */
import { cycleDiagnostics } from '../graph/index.ts'
import type { Diagnostic } from '../model/index.ts'
import { type TaskItem, taskItem } from '../projection/index.ts'
import { read } from './read.ts'
import type { Toolbox } from './toolbox.ts'

export interface ListRequest {
  /** Only what may be claimed now. */
  readonly ready: boolean
}

export interface TaskList {
  /** In board order. */
  readonly tasks: readonly TaskItem[]
  readonly diagnostics: readonly Diagnostic[]
}

export async function list(box: Toolbox, { ready }: ListRequest): Promise<TaskList> {
  const { snapshot } = await read(box)
  const views = [...snapshot.views.values()].filter(({ status }) => !ready || status === 'ready')
  return {
    tasks: views.map(taskItem),
    diagnostics: [...snapshot.diagnostics, ...cycleDiagnostics(snapshot.project)],
  }
}
