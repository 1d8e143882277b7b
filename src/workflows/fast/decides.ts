/** Where a claim is asked for while git does not decide, and what is said where nobody can be asked. */
import type { ModeRecord } from '../../fast/mode.ts'
import { IfBoardError } from '../../model/index.ts'

/**
 * Claims are taken and ended in git while git decides, and then alone. Every workflow that would move a claim ref calls
 * this on what it has read; the push after it compares, or is followed by one more reading.
 *
 * @param again  the command to type once the switch is over
 * @throws IfBoardError `fast/switching`, `fast/elsewhere`
 */
export function assertGitDecides({ mode }: { readonly mode: ModeRecord }, again: string): void {
  if (mode.mode === 'git') return
  throw mode.mode === 'etcd' ? decidedInEtcd(again) : switching(mode, again)
}

/** The claim is in etcd, which has to be asked: a watcher does that, or a command where endpoints are known. */
function decidedInEtcd(again: string): IfBoardError {
  return new IfBoardError('fast/elsewhere', 'etcd decides claims on these boards, and it was not asked', {
    hint: `Look at it with if-board fast status, then again: ${again} (without etcd: if-board fast down)`,
  })
}

function switching({ mode }: ModeRecord, again: string): IfBoardError {
  const way = mode === 'switching' ? 'from git to etcd' : 'from etcd back to git'
  return new IfBoardError('fast/switching', `who decides claims is being changed ${way}; what is held stays held`, {
    hint: `Ask again in a moment: ${again} (a switch that nobody ends: if-board sync)`,
  })
}
