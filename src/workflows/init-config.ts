/** The configuration that a new branch starts with, and boards that are listed in it later. */
import { matchBoards } from '../board/match.ts'
import { type Config, IfBoardError } from '../model/index.ts'
import { CONFIG_FILE } from './read-branch.ts'

export type BranchSettings = Pick<Config, 'boardId' | 'authority' | 'refs'>

/** Boards that people add in this folder are read without a word in the config. */
const MORE_BOARDS = 'boards/**/*.md'

export async function firstConfig(boards: readonly string[], settings: BranchSettings): Promise<string> {
  const { renderConfig } = await import('../board/config.ts')
  return renderConfig({
    ...settings,
    boards: [...boards, MORE_BOARDS],
    leaseMinutes: 30,
    foldEverySeconds: settings.authority === 'local' ? 5 : 30,
    doneWhen: 'reported',
    baseBranch: undefined,
    maxTasks: 1,
    maxClaims: undefined,
    pausedSessions: new Map(),
    doNotTouch: [],
  })
}

/**
 * The config's text with these boards listed, unless its patterns name them already. One list is
 * changed, all else keeps its bytes; what came out is read back before it is believed.
 *
 * @throws IfBoardError `config/invalid`
 */
export async function addBoards(text: string, boards: readonly string[], paths: readonly string[]): Promise<string> {
  const { parseConfig } = await import('../board/config.ts')
  const patterns = parseConfig(text, CONFIG_FILE).config?.boards ?? []
  const named: ReadonlySet<string> = new Set(matchBoards(patterns, paths))
  const missing = boards.filter((board) => !named.has(board))
  if (missing.length === 0) return text
  for (const changed of [inFlow(text, missing), inBlock(text, missing)]) {
    const now = parseConfig(changed, CONFIG_FILE).config?.boards ?? []
    if (missing.every((board) => now.includes(board)) && patterns.every((pattern) => now.includes(pattern)))
      return changed
  }
  throw new IfBoardError(
    'config/invalid',
    `\`boards\` in \`${CONFIG_FILE}\` is written in a way that init cannot add to`,
    {
      hint: `Write it as one list, \`boards: [${[...patterns, ...missing].join(', ')}]\`, and try again`,
      place: { file: CONFIG_FILE, line: 1, column: 1 },
    },
  )
}

/** `boards: [a, b]`, on one line or several. */
function inFlow(text: string, boards: readonly string[]): string {
  return text.replace(/^(boards:[ \t]*\[)([^\]]*?)([ \t\r\n]*,?[ \t\r\n]*\])/m, (_all, open, list, close) => {
    const all = [...(list.trim() === '' ? [] : [list]), ...boards.map((board) => JSON.stringify(board))]
    return `${open}${all.join(', ')}${close.replace(',', '')}`
  })
}

/** `boards:` with one `- pattern` a line. */
function inBlock(text: string, boards: readonly string[]): string {
  return text.replace(/^boards:[^\n[]*\n((?:[ \t]*#[^\n]*\n)*)([ \t]*)- /m, (all, comments, indent) => {
    const head = all.slice(0, all.length - `${comments}${indent}- `.length)
    return `${head}${comments}${boards.map((board) => `${indent}- ${JSON.stringify(board)}\n`).join('')}${indent}- `
  })
}
