/**
 * A person's saved edits in a checkout: one commit for each pause in typing, pushed where the boards lint.
 *
 * What cannot go is told once, with its place, and stays where it is: in the file, or committed there.
 */
import { type Diagnostic, IfBoardError, type ObjectId } from '../../model/index.ts'
import type { CheckoutState, EditedFile, SavedEdits, Watch } from '../../ports/index.ts'
import { lintFiles } from '../parse-files.ts'
import type { Telling } from './events.ts'

export interface SaverTools {
  readonly edits: SavedEdits
  /** Watches files, by their paths in the checkout. */
  readonly openWatch: (files: readonly string[]) => Promise<Watch>
  readonly tell: (telling: Telling) => void
  /** Where this clone has seen the branch; `undefined` before the first look. The watch rings when it moves. */
  readonly head: () => ObjectId | undefined
}

/** No change for this long is a pause in typing. */
const PAUSE_MS = 2_000
/** What could not be pushed is tried again after this. */
const AGAIN_MS = 30_000

/** A person in the middle of a rebase needs no word; what is still in the way after so many looks is told. */
const BUSY_LOOKS = 3

/** Ends when the process is asked to stop: of a checkout that was removed, or is broken, the rest of the watch hears nothing. */
export async function saveEdits({ edits, openWatch, tell, head }: SaverTools): Promise<void> {
  const told = new Set<string>()
  const say = (telling: Telling) => {
    const words = JSON.stringify(telling)
    if (telling.event !== 'not-saved' || !told.has(words)) tell(telling)
    told.add(words)
  }
  const follow = follower({ edits, tell, head })
  const tellBusy = patience(edits.folder, say)
  const list = async () => (await attempt(() => edits.files(), say)) ?? []
  for (;;) {
    const files = await list()
    const watch = await openWatch(files)
    try {
      for (let isSame = true; isSame; isSame = sameNames(files, await list())) {
        const outcome = (await attempt(() => saveOnce(edits, say), say)) ?? 'waits'
        tellBusy(outcome)
        if (outcome === 'all is well') {
          told.clear()
          await attempt(follow, say)
        }
        if ((await watch.changed(AGAIN_MS)) === 'stopped') return
        if ((await pauseIn(watch)) === 'stopped') return
      }
    } finally {
      await watch.close()
    }
  }
}

/** Expected trouble is said, never thrown; the next look tries again. */
async function attempt<T>(work: () => Promise<T>, say: (telling: Telling) => void): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof IfBoardError)) throw error
    say(notSaved(error.code, error.message, error.hint ?? null))
    return undefined
  }
}

/** Brings the checkout forward where the branch moved since it was brought there. */
function follower({ edits, tell, head }: Omit<SaverTools, 'openWatch'>): () => Promise<void> {
  let at: ObjectId | undefined
  return async () => {
    const seen = head()
    if (seen === undefined || seen === at) return
    const outcome = await edits.follow(seen)
    if (outcome !== 'waits') at = seen
    if (outcome === 'forward') tell({ event: 'brought', folder: edits.folder })
  }
}

function sameNames(before: readonly string[], after: readonly string[]): boolean {
  return before.join('\0') === after.join('\0')
}

async function pauseIn(watch: Watch): Promise<'pause' | 'stopped'> {
  for (;;) {
    const why = await watch.changed(PAUSE_MS)
    if (why !== 'changed') return why === 'stopped' ? 'stopped' : 'pause'
  }
}

type Outcome = 'all is well' | 'waits' | { readonly underWay: string }

function patience(folder: string, say: (telling: Telling) => void): (outcome: Outcome) => void {
  let looks = 0
  return (outcome) => {
    looks = typeof outcome === 'string' ? 0 : looks + 1
    if (typeof outcome !== 'string' && looks >= BUSY_LOOKS) say(stillBusy(folder, outcome.underWay))
  }
}

/** Commit and push what is there now. */
async function saveOnce(edits: SavedEdits, say: (telling: Telling) => void): Promise<Outcome> {
  const state = await edits.look()
  const { underWay } = state
  if (underWay !== undefined) return { underWay }
  const verdict = await judge(state)
  if (verdict.kind === 'wrong') {
    for (const { file, line, column, message, code } of verdict.findings.slice(0, 20))
      say(notSaved(code, `${file}:${line}:${column}: ${message}`, 'Correct it and save; it is not pushed before'))
    return 'waits'
  }
  const others = [...state.others, ...verdict.ours.others]
  for (const path of others)
    say(notSaved('checkout/by-hand', `${path} is no edit of a board`, `Commit it there if you mean it, then git push`))
  const { boards } = verdict.ours
  if (boards.length > 0 && (await edits.commit(boards)) === 'saved again') return 'waits'
  const outcome = await pushAll(edits, boards, say)
  return outcome === 'all is well' && others.length > 0 ? 'waits' : outcome
}

async function pushAll(
  edits: SavedEdits,
  boards: readonly EditedFile[],
  say: (telling: Telling) => void,
): Promise<Outcome> {
  switch (await edits.share()) {
    case 'shared':
      say({ event: 'saved', folder: edits.folder, files: boards.map(({ path }) => path) })
      return 'all is well'
    case 'nothing':
      return 'all is well'
    case 'later':
      return { underWay: 'not joined' }
    case 'conflict':
      say(
        notSaved(
          'edit/conflict',
          `what you saved in ${edits.folder} and what others pushed differ in one cell; yours is committed there`,
          'Type there: git pull, keep one of the two values, git rebase --continue, git push',
        ),
      )
      return 'waits'
  }
}

function stillBusy(folder: string, underWay: string): Telling {
  if (underWay === 'upstream')
    return notSaved(
      'checkout/busy',
      `the branch of ${folder} has no upstream, so what you save there is not pushed`,
      'Type there: git branch --set-upstream-to origin/BRANCH',
    )
  if (underWay === 'not joined')
    return notSaved(
      'checkout/busy',
      `what you saved in ${folder} is committed there and not pushed: others pushed meanwhile, and git does not join the two while other files there are changed`,
      'Type there: git status; commit what else is changed, and it is tried again',
    )
  return notSaved(
    'checkout/busy',
    `git is in the middle of something in ${folder} (\`${underWay}\`), so what you save there is not pushed`,
    'Type there: git status; it says how to finish. A lock may be that of a git that was killed',
  )
}

function notSaved(code: string, message: string, hint: string | null): Telling {
  return { event: 'not-saved', code, message, hint }
}

type Verdict =
  | { readonly kind: 'wrong'; readonly findings: readonly Diagnostic[] }
  | { readonly kind: 'right'; readonly ours: { readonly boards: EditedFile[]; readonly others: readonly string[] } }

/** Only errors hold an edit back: a warning is for `lint`. A file that is no text is one of them. */
async function judge({ edited }: CheckoutState): Promise<Verdict> {
  const boards = edited.filter(({ path }) => path.endsWith('.md'))
  const others = edited.filter((file) => !boards.includes(file)).map(({ path }) => path)
  const reports = await Promise.all(boards.filter(isBoard).map(({ path, bytes }) => lintFiles([{ name: path, bytes }])))
  const findings = reports.flatMap(({ diagnostics }) => diagnostics).filter(isWrongByItself)
  return findings.length > 0 ? { kind: 'wrong', findings } : { kind: 'right', ours: { boards, others } }
}

/** These two are on every branch and hold no tasks of their own. */
function isBoard({ path }: EditedFile): boolean {
  return !/^(?:AUTONOMOUS-NEXT-TASKS|agents)\.md$/i.test(path)
}

/** A file is judged alone, so what it says of other boards is not judged at all. */
function isWrongByItself({ severity, code }: Diagnostic): boolean {
  return severity === 'error' && code !== 'board/unknown-dependency'
}
