/** The frame of every command that needs the boards: open, work, close. */
import type { SessionName } from '../model/index.ts'
import { foldIfDue } from '../workflows/fold-due.ts'
import type { Shell } from './shell.ts'
import { type Opened, open } from './wiring/open.ts'

export async function withBoard(shell: Shell, work: (opened: Opened) => Promise<number>): Promise<number> {
  const opened = await open(shell)
  try {
    return await work(opened)
  } finally {
    await opened.close()
  }
}

/** After the answer: whoever comes by folds when it is time. The exit status is settled already. */
export async function foldAfterwards({ box, isHosted }: Opened, session: SessionName): Promise<void> {
  // Where etcd decides, the projector folds.
  if (!isHosted && box.fast === undefined) await foldIfDue(box, session)
}
