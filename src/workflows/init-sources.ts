/** The files that `init --from` names, read and judged before anything is written. */
import { basename } from 'node:path'
import { decodeBoard, parseBoard } from '../board/index.ts'
import { matchBoards, patternProblem } from '../board/match.ts'
import { type BoardName, IfBoardError, type ParsedBoard, printable, toBoardName } from '../model/index.ts'
import type { WorkFile, WorkFiles } from '../ports/index.ts'

export interface Source {
  /** As the person typed it. */
  readonly path: string
  /** Base name: its place at the root of the branch. */
  readonly board: BoardName
  /** `undefined`: the file is not there, which is well only where the branch has it already. */
  readonly content: SourceContent | undefined
}

export interface SourceContent {
  readonly bytes: WorkFile['bytes']
  readonly text: string
  readonly parsed: ParsedBoard
}

/** @throws IfBoardError `usage/invalid`, `board/not-text`, `board/too-large`, `file/unreadable` */
export async function readSources(
  files: WorkFiles,
  paths: readonly string[],
  originals: 'keep' | 'move',
): Promise<Source[]> {
  const sources: Source[] = []
  for (const path of paths) {
    const board = boardNameOf(path)
    const twin = sources.find((source) => source.board.toLowerCase() === board.toLowerCase())
    if (twin !== undefined)
      throw new IfBoardError(
        'usage/invalid',
        `\`${printable(twin.path)}\` and \`${printable(path)}\` would both become \`${printable(board)}\``,
        { hint: 'Give one of them another base name first' },
      )
    const file = await files.read(path)
    if (file !== undefined && originals === 'move' && !file.inWorkTree)
      throw new IfBoardError(
        'usage/invalid',
        `\`${printable(path)}\` lies outside this work tree and cannot be moved`,
        {
          hint: 'Leave `--move` out: the file is then copied',
        },
      )
    sources.push({ path, board, content: file === undefined ? undefined : contentOf(file.bytes, board, path) })
  }
  return sources
}

/** @throws IfBoardError `file/unreadable` */
export function present({ path, content }: Source): SourceContent {
  if (content !== undefined) return content
  throw new IfBoardError('file/unreadable', `there is no file \`${printable(path)}\``, {
    hint: 'Name a markdown file; paths are relative to where you stand',
  })
}

function boardNameOf(path: string): BoardName {
  const name = basename(path)
  const problem = patternProblem(name)
  if (problem === undefined && matchBoards([name], [name]).length === 1) return toBoardName(name)
  throw new IfBoardError(
    'usage/invalid',
    `\`${printable(path)}\` cannot be a board under the name \`${printable(name)}\``,
    {
      hint:
        problem === undefined
          ? 'The branch keeps a file of its own under that name; rename yours'
          : 'Rename the file: letters, digits, spaces, `.`, `_` and `-` are fine',
    },
  )
}

function contentOf(bytes: Uint8Array, board: BoardName, path: string): SourceContent {
  const decoded = decodeBoard(bytes, board)
  if ('text' in decoded) return { bytes, text: decoded.text, parsed: parseBoard(decoded.text, board) }
  const { code, message, hint, line, column } = decoded.diagnostic
  throw new IfBoardError(code === 'board/too-large' ? 'board/too-large' : 'board/not-text', message, {
    place: { file: path, line, column },
    ...(hint === undefined ? {} : { hint }),
  })
}
