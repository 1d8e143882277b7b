/**
 * One parser on some texts in a process of its own, so that its memory is its own: `ours` or `remark`. `keep` parses
 * the first text and writes what was understood into the second file; `edit` understands the third text by these two.
 * Prints the milliseconds of this first parse and the memory of the process at its peak, as JSON.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import { unified } from 'unified'
import { parseBoard, reparse } from '../../src/board/index.ts'
import type { BoardName, ParsedBoard } from '../../src/model/index.ts'

const BOARD = 'BOARD.md' as BoardName
const [, , parser = '', ...files] = process.argv
const texts =
  parser === 'keep' ? [readFileSync(files[0] ?? '', 'utf8')] : files.map((file) => readFileSync(file, 'utf8'))
const remark = unified().use(remarkParse).use(remarkGfm)

const before = performance.now()
const tasks = run()
const ms = performance.now() - before
// maxRSS is in kibibytes.
process.stdout.write(JSON.stringify({ ms, peakMiB: process.resourceUsage().maxRSS / 2 ** 10, tasks }))

function run(): number | undefined {
  if (parser === 'ours') return tasksIn(texts)
  if (parser === 'keep') writeFileSync(files[1] ?? '', JSON.stringify(parseBoard(texts[0] ?? '', BOARD)))
  else if (parser === 'edit') return tasksAfterEdit(texts as [string, string, string])
  else for (const text of texts) remark.parse(text)
  return undefined
}

/** All boards stay in memory, as they do while a command judges them. */
function tasksIn(boards: readonly string[]): number {
  const parsed = boards.map((text, at) => parseBoard(text, `BOARD-${at}.md` as BoardName))
  return parsed.reduce((sum, { board }) => sum + board.tasks.length, 0)
}

function tasksAfterEdit([text, kept, after]: readonly [string, string, string]): number | undefined {
  return reparse({ text, parsed: JSON.parse(kept) as ParsedBoard }, after)?.board.tasks.length
}
