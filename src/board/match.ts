/** Which files of the coordination branch are boards: glob patterns with `*` (within a part) and `**` (any parts). */
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

/** Rows of a table over pattern parts, so that many `**` cost pattern × path and never more. */
function matchParts(pattern: readonly string[], path: readonly string[]): boolean {
  let reached = Array.from({ length: path.length + 1 }, (_, at) => at === 0)
  for (const part of pattern) {
    const next = reached.map(() => false)
    for (let at = 0; at <= path.length; at += 1) {
      if (part === '**') next[at] = reached[at] === true || (at > 0 && next[at - 1] === true)
      else if (at > 0) next[at] = reached[at - 1] === true && matchPart(part, path[at - 1] as string)
    }
    reached = next
  }
  return reached[path.length] === true
}

/** `*` stands for any characters. Going back to the last star alone is enough, so this is at most quadratic. */
function matchPart(pattern: string, text: string): boolean {
  let at = 0
  let read = 0
  let star = -1
  let resume = 0
  while (read < text.length) {
    if (pattern[at] === '*') {
      star = at
      resume = read
      at += 1
    } else if (pattern[at] === text[read]) {
      at += 1
      read += 1
    } else if (star >= 0) {
      at = star + 1
      resume += 1
      read = resume
    } else return false
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}
