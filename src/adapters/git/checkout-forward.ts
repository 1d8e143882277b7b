/** A checkout that is there, brought forward as `git pull --ff-only` would: a person's edits stay, pushed or not. */
import { IfBoardError, printable, toObjectId } from '../../model/index.ts'
import type { BroughtCheckout } from '../../ports/index.ts'
import { type GitAnswer, type GitPlace, gitFailed, reasonOf, runGit } from './git.ts'

export interface Forward {
  readonly place: GitPlace
  readonly folder: string
  /** Short name of the branch of the boards. */
  readonly branch: string
  /** The ref that shows the branch as the authority has it. */
  readonly view: string
  /** Bring that ref up to date. */
  readonly fetch: () => Promise<unknown>
}

/** @throws IfBoardError `git/failed` when what a person did there stands in the way, and whatever `fetch` throws */
export async function bringForward({ place, folder, branch, view, fetch }: Forward): Promise<BroughtCheckout> {
  const on = await runGit(place, { args: ['symbolic-ref', '--quiet', 'HEAD'] })
  if (on.stdout.trim() !== `refs/heads/${branch}`)
    throw new IfBoardError('git/failed', `\`${printable(folder)}\` is not on its branch \`${branch}\``, {
      hint: `Type there: git switch ${branch}`,
    })
  await fetch()
  const [ahead = 0, behind = 0] = (
    await ask(place, 'compare it', 'rev-list', '--left-right', '--count', `HEAD...${view}`)
  )
    .split(/\s+/)
    .map(Number)
  if (behind > 0) {
    const merged = await runGit(place, { args: ['merge', '--quiet', '--ff-only', view] })
    if (merged.exitCode !== 0) throw inTheWay(folder, ahead, merged)
  }
  const status = await ask(place, 'read its edits', 'status', '--porcelain=v1', '--untracked-files=no')
  return {
    kind: behind > 0 ? 'updated' : 'unchanged',
    folder,
    head: toObjectId(await ask(place, 'read it', 'rev-parse', '--verify', 'HEAD')),
    unpushed: ahead,
    edited: status.split('\n').filter((line) => line !== '').length,
  }
}

function inTheWay(folder: string, ahead: number, merged: GitAnswer): IfBoardError {
  const where = `\`${printable(folder)}\``
  if (ahead > 0)
    return new IfBoardError(
      'git/failed',
      `${where} has commits that are not pushed (${ahead}), and the board has moved on`,
      {
        hint: 'Type there: git pull --rebase, then git push',
      },
    )
  return new IfBoardError('git/failed', `${where} has edits that stand in the way: ${reasonOf(merged.stderr)}`, {
    hint: 'Commit them there, then type there: git pull --rebase',
  })
}

async function ask(place: GitPlace, what: string, ...args: string[]): Promise<string> {
  const answer = await runGit(place, { args })
  if (answer.exitCode !== 0) throw gitFailed(what, answer)
  return answer.stdout.trim()
}
