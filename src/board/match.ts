/** Which files of the coordination branch are boards: glob patterns with `*` (within a part) and `**` (any parts). */

import { matchParts } from '../model/glob.ts'
import { type BoardName, isBoardName } from '../model/index.ts'

const OWN_FILES = new Set(['agents.md', 'autonomous-next-tasks.md'])
const MAX_PATTERN = 512

/**
 * Boards among `paths`, in the order of the patterns and then of the paths, each once. Never our own
 * files (`.if-board/`, `agents.md`, `AUTONOMOUS-NEXT-TASKS.md`), and never a path that is no board name.
 */
export function matchBoards(patterns: readonly string[], paths: readonly string[]): BoardName[] {
  const candidates = [...paths]
    .filter(isBoardName)
    .filter((path) => !isOwn(path))
    .sort(compare)
  const found = new Set<BoardName>()
  for (const pattern of patterns) {
    const parts = pattern.split('/')
    for (const path of candidates) if (!found.has(path) && matchParts(parts, path.split('/'))) found.add(path)
  }
  return [...found]
}

/** What is wrong with a pattern, `undefined` when nothing is. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern === '' || pattern.length > MAX_PATTERN) return `a pattern has 1 to ${MAX_PATTERN} characters`
  const parts = pattern.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'a pattern is a path below the root'
  if (parts.some((part) => part.includes('**') && part !== '**')) return '`**` stands alone between two `/`'
  if (/[[\]{}?!\\]/.test(pattern)) return 'only `*` and `**` have a meaning in a pattern'
  return isBoardName(pattern.replace(/\*+/g, 'x')) ? undefined : 'a pattern is a path of printable characters'
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function isOwn(path: string): boolean {
  return path.startsWith('.if-board/') || OWN_FILES.has(path.toLowerCase())
}
