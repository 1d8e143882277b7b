/** What running a command needs beside the boards: programs of this machine, and who may be which. */
import type { ObjectId } from '../../model/index.ts'
import type { CommandPins, Executor, WorkTree } from '../../ports/index.ts'

export interface ExecutorTools {
  readonly executor: Executor
  readonly pins: CommandPins
  readonly tree: WorkTree
  /** Where it was asked, absolute. */
  readonly folder: string
  /** Of whoever asks: grants name what is handed on. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Are the tracked files of the work tree as this commit has them? */
  readonly isAt: (commit: ObjectId) => Promise<boolean>
  readonly stop: AbortSignal
}
