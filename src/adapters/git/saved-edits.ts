/** A person's edits in a checkout that `setup-checkout.ts` made: committed and pushed as they would do it by hand. */
import { lstat, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { branchRef } from '../../model/index.ts'
import type { CheckoutState, EditedFile, SavedEdits } from '../../ports/index.ts'
import { unreachable, VIEW, whyNot } from './fetch.ts'
import { type GitAnswer, type GitPlace, gitFailed, REMOTE_TIMEOUT_MS, runGit } from './git.ts'
import type { Hub } from './hub.ts'
import { projectName } from './setup.ts'
import { BOARD_LINE, SETTINGS_FILE } from './setup-checkout.ts'

const MAX_TRIES = 4

/** The checkout of this hub's boards at `folder`, by default beside the project; `undefined` where there is none. */
export async function gitSavedEdits(hub: Hub, folder?: string): Promise<SavedEdits | undefined> {
  const { repository, binding } = hub
  const beside = `${projectName(repository)}-board`
  const place = resolve(repository.workTree ?? repository.mainWorkTree, folder ?? join('..', beside))
  const settings = await readFile(join(place, '.git', SETTINGS_FILE), 'utf8').catch(() => '')
  if (!settings.startsWith(`${BOARD_LINE} ${binding.boardId};`)) return undefined
  return editsIn({ cwd: place, gitDir: join(place, '.git'), environment: repository.environment }, hub)
}

function editsIn(place: GitPlace, hub: Hub): SavedEdits {
  const run = async (what: string, ...args: string[]) => {
    const answer = await runGit(place, { args })
    if (answer.exitCode !== 0) throw gitFailed(what, answer)
    return answer.stdout
  }
  const look = async () =>
    lookAt(place, await run('read its edits', 'status', '--porcelain=v1', '-z', '--untracked-files=no'))
  return {
    folder: place.cwd,
    files: async () => (await run('list its files', 'ls-files', '-z')).split('\0').filter((path) => path !== ''),
    look,

    async commit(files) {
      const paths = files.map(({ path }) => path)
      await run('add the edits', 'add', '--', ...paths)
      if (!(await isUntouched(place, files))) {
        await run('take the edits back out', 'reset', '--quiet', '--', ...paths)
        return 'saved again'
      }
      const names = paths.map((path) => basename(path)).join(', ')
      await run('commit the edits', 'commit', '--quiet', `--message=Edit ${names}`, '--', ...paths)
      return 'committed'
    },

    share: () => share(place, run),

    async follow(head) {
      const { underWay, edited, others } = await look()
      if (underWay !== undefined || edited.length > 0 || others.length > 0) return 'waits'
      if ((await run('read its commit', 'rev-parse', '--verify', 'HEAD')).trim() === head) return 'there'
      return (await unpushed(run)) === 0 ? follow({ place, hub, run }) : 'waits'
    },
  }
}

async function lookAt(place: GitPlace, status: string): Promise<CheckoutState> {
  const edited: EditedFile[] = []
  const others: string[] = []
  const entries = status.split('\0').filter((entry) => entry !== '')
  for (let at = 0; at < entries.length; at += 1) {
    const entry = entries[at] ?? ''
    const [state, path] = [entry.slice(0, 2), entry.slice(3)]
    // A rename is followed by the name that it had (git-status(1), -z).
    if (/[RC]/.test(state)) at += 1
    const file = /^[ M]M$|^M $/.test(state) ? await readEdited(place, path) : undefined
    if (file === undefined) others.push(path)
    else edited.push(file)
  }
  return { underWay: await underWay(place), edited, others }
}

async function readEdited({ cwd }: GitPlace, path: string): Promise<EditedFile | undefined> {
  const stamp = await stampOf(join(cwd, path))
  const bytes = await readFile(join(cwd, path)).catch(() => undefined)
  return stamp === undefined || bytes === undefined ? undefined : { path, bytes, stamp }
}

async function isUntouched({ cwd }: GitPlace, files: readonly EditedFile[]): Promise<boolean> {
  const stamps = await Promise.all(files.map(({ path }) => stampOf(join(cwd, path))))
  return files.every(({ stamp }, index) => stamp === stamps[index])
}

async function stampOf(path: string): Promise<string | undefined> {
  const file = await stat(path, { bigint: true }).catch(() => undefined)
  return file === undefined ? undefined : `${file.ino} ${file.size} ${file.mtimeNs}`
}

/** Files that git leaves while a person is in the middle of something (gitrepository-layout(5)). */
const UNDER_WAY = ['MERGE_HEAD', 'rebase-merge', 'rebase-apply', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'index.lock']

async function underWay(place: GitPlace): Promise<string | undefined> {
  const stamps = await Promise.all(UNDER_WAY.map((name) => stampOf(join(place.gitDir ?? '', name))))
  const found = UNDER_WAY.find((_, index) => stamps[index] !== undefined)
  if (found !== undefined) return found
  const on = await runGit(place, { args: ['rev-parse', '--verify', '--quiet', '@{upstream}'] })
  return on.exitCode === 0 ? undefined : 'upstream'
}

type Run = (what: string, ...args: string[]) => Promise<string>

async function share(place: GitPlace, run: Run): Promise<'shared' | 'nothing' | 'conflict' | 'later'> {
  if ((await unpushed(run)) === 0) return 'nothing'
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    // `push.default` is `upstream` there; a plain push moves forward only.
    const pushed = await runGit(place, {
      args: ['push', '--porcelain', '--quiet', 'origin'],
      timeoutMs: REMOTE_TIMEOUT_MS,
    })
    if (pushed.exitCode === 0) return 'shared'
    if (!isOvertaken(pushed)) throw unreachable('origin', whyNot(pushed))
    const fetched = await runGit(place, {
      args: ['fetch', '--quiet', '--no-tags', 'origin'],
      timeoutMs: REMOTE_TIMEOUT_MS,
    })
    if (fetched.exitCode !== 0) throw unreachable('origin', whyNot(fetched))
    const joined = await joinOthers(place, run)
    if (joined !== 'joined') return joined
  }
  return 'later'
}

async function unpushed(run: Run): Promise<number> {
  return Number(await run('compare it', 'rev-list', '--count', '@{upstream}..HEAD'))
}

interface Following {
  readonly place: GitPlace
  readonly hub: Hub
  readonly run: Run
}

/**
 * Only ever forward, and by git's own merge, which refuses where a file is not as the index has it. What the branch
 * holds comes from the hub: that was fetched already, and a remote is not asked once more for it.
 */
async function follow({ place, hub, run }: Following): Promise<'forward' | 'there' | 'waits'> {
  const upstream = (await run('read its settings', 'rev-parse', '--symbolic-full-name', '@{upstream}')).trim()
  const board = branchRef(hub.binding.branch)
  const seen = hub.binding.authority === 'local' ? board : board.replace(/^refs/, VIEW)
  const fetched = await runGit(place, { args: ['fetch', '--quiet', '--no-tags', hub.path, `${seen}:${upstream}`] })
  // Such as a branch that was put back: a person decides what becomes of that.
  if (fetched.exitCode !== 0) return 'waits'
  const moved = await run('compare it', 'diff', '--name-only', '-z', 'HEAD', upstream)
  const paths = moved.split('\0').filter((path) => path !== '')
  if (paths.length === 0 && (await isAt(run, upstream))) return 'there'
  if (await isOpenInEditor(place, paths)) return 'waits'
  const merged = await runGit(place, { args: ['merge', '--quiet', '--ff-only', upstream] })
  return merged.exitCode === 0 ? 'forward' : 'waits'
}

async function isAt(run: Run, ref: string): Promise<boolean> {
  const [head, other] = (await run('compare it', 'rev-parse', '--verify', 'HEAD', ref)).trim().split('\n')
  return head === other
}

/** Vim leaves `.NAME.swp` beside a file that is open (its help, "swap-file"), Emacs a link `.#NAME` while it has edits. */
async function isOpenInEditor({ cwd }: GitPlace, paths: readonly string[]): Promise<boolean> {
  const marks = paths.flatMap((path) => {
    const [folder, name] = [dirname(join(cwd, path)), basename(path)]
    return [join(folder, `.${name}.swp`), join(folder, `.#${name}`)]
  })
  const found = await Promise.all(marks.map((mark) => lstat(mark).catch(() => undefined)))
  return found.some((entry) => entry !== undefined)
}

/** Porcelain marks a refused ref with `!` and says why in brackets (git-push(1)). */
function isOvertaken({ stdout }: GitAnswer): boolean {
  return /^!\t.*\((?:fetch first|non-fast-forward|stale info|failed to update ref|.*cannot lock ref.*)\)/m.test(stdout)
}

/** As `git pull` does in a checkout; where both changed one cell, everything stays as it was. */
async function joinOthers(place: GitPlace, run: Run): Promise<'joined' | 'conflict' | 'later'> {
  const rebased = await runGit(place, { args: ['rebase', '--quiet', '@{upstream}'] })
  if (rebased.exitCode === 0) return 'joined'
  const isStopped = (await stampOf(join(place.gitDir ?? '', 'rebase-merge'))) !== undefined
  // Refused before it began: the person is typing again.
  if (!isStopped) return 'later'
  await run('go back to before the merge', 'rebase', '--abort')
  return 'conflict'
}
