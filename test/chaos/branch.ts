/** What the branch of a fleet says at the end, and said on the way there, read with git alone. */
import { parseStateShard } from '../../src/claim/index.ts'
import type { TaskState } from '../../src/model/index.ts'
import { type Sealed, sealedEvents } from '../support/clones-log.ts'
import type { Sandbox } from '../support/git-servers.ts'

export interface Ending {
  /** By task, whose completion counts. */
  readonly done: ReadonlyMap<string, string>
  /** Sentences about tasks that were not done exactly once, on the board and in the log. */
  readonly problems: readonly string[]
  /** Completions that were said, and that no fold accepted: they stay in the log. */
  readonly inVain: number
}

const BRANCH = 'refs/heads/if-board/main'

/** A completion counts when the fold has landed that accepts it: its row becomes done, and the state names its event. */
export function endingOf(box: Sandbox, repository: string, tasks: readonly string[]): Ending {
  const git = (...args: string[]) => box.git('.', `--git-dir=${repository}`, ...args)
  const commits = git('rev-list', '--reverse', '--first-parent', BRANCH).split('\n')
  const boards = commits.map((commit) => doneOn(git('show', `${commit}:TASK-BOARD.md`)))
  const said = sealedEvents(box, repository).filter(({ event }) => event.type === 'if-board.complete')
  const states = git('ls-tree', '-r', '--name-only', BRANCH)
    .split('\n')
    .filter((path) => /^\.if-board\/state\/[0-9a-f]{2}$/.test(path))
    .flatMap((path) => parseStateShard(git('show', `${BRANCH}:${path}`), path))
  const stateOf = (id: string) => states.find(({ key }) => key === `TASK-BOARD.md:${id}`)
  return {
    done: new Map(tasks.map((id) => [id, stateOf(id)?.done?.by ?? 'nobody'])),
    problems: tasks.flatMap((id) => [...notOnceOn(boards, id), ...notOnceIn(said, stateOf(id), id)]),
    inVain: said.length - tasks.length,
  }
}

function doneOn(board: string): ReadonlySet<string> {
  return new Set([...board.matchAll(/^\| (T\d+) \|.*\| COMPLETED \|/gm)].map(([, id]) => id as string))
}

function notOnceOn(boards: readonly ReadonlySet<string>[], id: string): string[] {
  const turns = boards.filter((board, at) => board.has(id) !== (boards[at - 1]?.has(id) ?? false)).length
  return turns === 1 ? [] : [`${id}: its row became done or open again ${turns} times`]
}

function notOnceIn(said: readonly Sealed[], state: TaskState | undefined, id: string): string[] {
  const { by, seal } = state?.done ?? {}
  const counted = said.filter(({ oid, event }) => oid === seal && event.session === by && event.data.task?.id === id)
  return counted.length === 1 ? [] : [`${id}: the log has the completion that counts ${counted.length} times`]
}
