/** The configuration that a new branch starts with, and boards that are listed in it later. */
import { matchBoards } from '../board/match.ts'
import { type Config, GOVERNOR_DEFAULTS, IfBoardError } from '../model/index.ts'
import { CONFIG_FILE, CONFIG_SCHEMA_FILE } from './read-branch.ts'

export type BranchSettings = Pick<Config, 'boardId' | 'authority' | 'refs'>

/** Boards that people add in this folder are read without a word in the config. */
const MORE_BOARDS = 'boards/**/*.md'

export async function firstConfig(boards: readonly string[], settings: BranchSettings): Promise<string> {
  const { renderConfig } = await import('../board/config.ts')
  const text = renderConfig({
    ...settings,
    boards: [...boards, MORE_BOARDS],
    leaseMinutes: 30,
    foldEverySeconds: settings.authority === 'local' ? 5 : 30,
    doneWhen: 'reported',
    baseBranch: undefined,
    maxTasks: 1,
    maxClaims: undefined,
    pausedSessions: new Map(),
    governor: GOVERNOR_DEFAULTS,
    doNotTouch: [],
  })
  return `${SCHEMA_LINE}\n${text}`
}

/** What editors with the YAML language server look for: the schema that lies beside the settings. */
const SCHEMA_LINE = `# yaml-language-server: $schema=${CONFIG_SCHEMA_FILE.replace(/^.*\//, '')}`

/** The published schema, as this if-board knows it. */
export async function configSchema(): Promise<string> {
  const { schemaText } = await import('../board/config.ts')
  return schemaText()
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
  for (const add of [atEndOfFlow, atStartOfFlow, atEndOfBlock]) {
    const changed = add(text, missing)
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
function atEndOfFlow(text: string, boards: readonly string[]): string {
  return text.replace(/^(boards:[ \t]*\[)([^\]]*?)([ \t\r\n]*,?[ \t\r\n]*\])/m, (_all, open, list, close) => {
    const all = [...(list.trim() === '' ? [] : [list]), ...boards.map(quote)]
    return `${open}${all.join(', ')}${close.replace(',', '')}`
  })
}

/** Where a comment behind the last pattern would swallow what is added there. */
function atStartOfFlow(text: string, boards: readonly string[]): string {
  return text.replace(/^boards:[ \t]*\[/m, (open) => `${open}${boards.map(quote).join(', ')}, `)
}

/** `boards:` with one `- pattern` a line, comments between them. */
function atEndOfBlock(text: string, boards: readonly string[]): string {
  const list = /^boards:[^\n[]*\n(?:(?:[ \t]*(?:#[^\n]*)?\r?\n)*([ \t]*)-[ \t][^\n]*(?:\n|$))+/m
  return text.replace(list, (all, indent: string) => {
    const gap = all.endsWith('\n') ? '' : '\n'
    return `${all}${gap}${boards.map((board) => `${indent}- ${quote(board)}\n`).join('')}`
  })
}

/** A double-quoted scalar (YAML 1.2, 7.3.1), which JSON strings are. */
function quote(text: string): string {
  return JSON.stringify(text)
}
