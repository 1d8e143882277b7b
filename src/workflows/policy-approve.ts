/** `policy approve ID`: a person's word on a task that waits for it, one line of the settings on the branch. */
import { names } from '../governor/index.ts'
import type { SessionName, TaskKey } from '../model/index.ts'
import { findEntry, readText } from './branch-tree.ts'
import { editFiles, pushEdit } from './edit-board.ts'
import { findTask } from './find-task.ts'
import { CONFIG_FILE } from './read-branch.ts'
import type { Toolbox } from './toolbox.ts'

export interface ApproveOutcome {
  readonly kind: 'approved' | 'unchanged'
  readonly task: TaskKey
  /** The settings ask for it. */
  readonly needed: boolean
}

/** @throws IfBoardError `task/unknown`, `task/ambiguous`, `authority/busy`, `authority/refused` */
export async function policyApprove(box: Toolbox, task: string, author: SessionName): Promise<ApproveOutcome> {
  let found: { readonly key: TaskKey; readonly needed: boolean } | undefined
  const outcome = await pushEdit(box, async (reading) => {
    const { task: asked } = findTask(reading.snapshot, task)
    const rules = reading.config.governor.policy
    found = { key: asked.key, needed: names(rules.approval, asked) }
    const entry = await findEntry(box.objects, reading.branch.tree, CONFIG_FILE)
    if (names(rules.approved, asked) || entry === undefined) return undefined
    const { addApproved } = await import('../board/config.ts')
    // As the settings name it, so that whoever reads them sees which is meant.
    const name = rules.approval.includes(asked.key) ? asked.key : asked.id
    const text = addApproved(await readText(box.objects, entry.oid), name)
    return editFiles(box, reading, { author, subject: `Approve ${name}`, changes: new Map([[CONFIG_FILE, text]]) })
  })
  const { key, needed } = found as NonNullable<typeof found>
  return { kind: outcome === 'changed' ? 'approved' : 'unchanged', task: key, needed }
}
