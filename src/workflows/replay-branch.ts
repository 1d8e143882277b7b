/** The coordination branch of a replay: the recorded board, all of it open, on an authority that is empty. */
import { renderStateShard, STATE_FOLDER } from '../claim/index.ts'
import { linkBoards } from '../graph/index.ts'
import {
  type Config,
  encodeCommit,
  IfBoardError,
  invariant,
  type ParsedBoard,
  type Project,
  shardOf,
  type TaskState,
  toBoardName,
} from '../model/index.ts'
import { changeTree } from './branch-tree.ts'
import { freshStates, PLAIN_CONFIG, type SourceFile } from './parse-files.ts'
import { CONFIG_FILE } from './read-branch.ts'
import type { Toolbox } from './toolbox.ts'

const BOARD = toBoardName('TASK-BOARD.md')

export interface OpenBoard {
  readonly text: string
  readonly parsed: ParsedBoard
  readonly project: Project
}

/**
 * The board as the day began: what it says is done, claimed or in review is open again.
 *
 * @throws IfBoardError `board/not-text`, `board/too-large`
 */
export async function openBoard({ name, bytes }: SourceFile): Promise<OpenBoard> {
  const { decodeBoard, parseBoard, setStatuses } = await import('../board/index.ts')
  const decoded = decodeBoard(bytes, BOARD)
  if ('diagnostic' in decoded) {
    const { code, message, hint } = decoded.diagnostic
    throw new IfBoardError(code === 'board/too-large' ? 'board/too-large' : 'board/not-text', message, {
      place: { file: name, line: 1, column: 1 },
      ...(hint === undefined ? {} : { hint }),
    })
  }
  const { board } = parseBoard(decoded.text, BOARD)
  const begun = board.tasks.filter(({ status }) => status === 'done' || status === 'claimed' || status === 'review')
  const changes = begun.map(({ id }) => ({ id, status: 'available' as const }))
  const text = changes.length === 0 ? decoded.text : setStatuses(decoded.text, BOARD, changes).text
  const parsed = parseBoard(text, BOARD)
  return { text, parsed, project: linkBoards([parsed]) }
}

/** One commit, as `init` would write it for this board; `rules` are what its config says beyond that. */
export async function writeBranch(
  box: Toolbox,
  { text, parsed }: OpenBoard,
  rules: Pick<Config, 'governor'> = PLAIN_CONFIG,
): Promise<void> {
  const { renderConfig } = await import('../board/config.ts')
  const { authority, boardId, layout } = box
  const config = renderConfig({
    ...PLAIN_CONFIG,
    governor: rules.governor,
    boards: [BOARD],
    authority,
    boardId,
    refs: layout.kind,
  })
  const files = new Map<string, string>([
    [BOARD, text],
    [CONFIG_FILE, config],
  ])
  const shards = new Map<string, TaskState[]>()
  for (const state of freshStates([parsed]).values()) {
    const shard = `${STATE_FOLDER}/${shardOf(state.key, box.sha256)}`
    shards.set(shard, [...(shards.get(shard) ?? []), state])
  }
  for (const [file, states] of shards) files.set(file, renderStateShard(states))
  const { tree, objects } = await changeTree(box.objects, undefined, files)
  const commit = encodeCommit({
    tree,
    parents: [],
    name: 'if-board',
    email: 'replay@if-board.invalid',
    seconds: Math.floor(box.clock.now().wallMs / 1000),
    message: 'Begin the replay\n',
  })
  const written = await box.objects.write([...objects, commit])
  const outcome = await box.refs.moveAll([{ ref: layout.board, expected: undefined, next: written.at(-1) }])
  invariant(outcome.kind === 'moved', 'a replay begins on an authority without a board')
}
