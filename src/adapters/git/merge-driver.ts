/**
 * Boards of one checkout are merged cell by cell: an attribute and a driver (gitattributes(5), "Defining a
 * custom merge driver"), both in that clone alone.
 *
 * The attribute stands in `$GIT_DIR/info/attributes` and not in a `.gitattributes` on the branch: it needs
 * no commit that everybody gets, other clones have no such driver, and what stands there wins over files
 * of the branch.
 */
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { Setting } from './environment.ts'

const ATTRIBUTES = ['*.md merge=if-board', '*.markdown merge=if-board']

/** Put the attributes there once; lines of the person's own stay. */
export async function registerBoards(gitDir: string): Promise<void> {
  const path = join(gitDir, 'info', 'attributes')
  const text = await readFile(path, 'utf8').catch(() => '')
  const lines = new Set(text.split(/\r?\n/))
  const missing = ATTRIBUTES.filter((line) => !lines.has(line))
  if (missing.length === 0) return
  await mkdir(join(gitDir, 'info'), { recursive: true })
  const gap = text === '' || text.endsWith('\n') ? '' : '\n'
  await appendFile(path, `${gap}${missing.join('\n')}\n`)
}

/**
 * The driver for a program and its script, both by their paths. Git runs the line through its own `sh` on
 * every system. A program that is gone by then (moved, uninstalled) must not be taken for a conflict that
 * left no mark: git's own merge steps in.
 */
export function mergeSettings(program: readonly string[]): Setting[] {
  const words = program.map(quoted)
  const isThere = words.map((word) => `test -f ${word}`).join(' && ')
  const [call, otherwise] = [`${words.join(' ')} merge-driver %O %A %B %P`, 'git merge-file %A %O %B']
  return [
    { key: 'merge.if-board.name', value: 'boards, cell by cell' },
    { key: 'merge.if-board.driver', value: `if ${isThere}; then ${call}; else ${otherwise}; fi` },
  ]
}

/** A path as one word of `sh`, with `%` doubled: git replaces `%` and a letter before the shell sees the line. */
function quoted(word: string): string {
  return `'${word.replaceAll(sep, '/').replaceAll("'", "'\\''").replaceAll('%', '%%')}'`
}
