/**
 * One parser on some texts in a process of its own, so that its memory is its own: `ours` or `remark`.
 * Prints the milliseconds of this first parse and the growth of memory at its peak, as JSON.
 */
import { readFileSync } from 'node:fs'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import { unified } from 'unified'
import { parseBoard } from '../../src/board/index.ts'
import type { BoardName } from '../../src/model/index.ts'

const [, , parser = '', ...files] = process.argv
const texts = files.map((file) => readFileSync(file, 'utf8'))
const remark = unified().use(remarkParse).use(remarkGfm)

const restingMiB = process.memoryUsage().rss / 2 ** 20
const before = performance.now()
const tasks = parser === 'ours' ? tasksIn(texts) : texts.forEach((text) => void remark.parse(text))
const ms = performance.now() - before
// maxRSS is in kibibytes.
const peakMiB = process.resourceUsage().maxRSS / 2 ** 10
process.stdout.write(JSON.stringify({ ms, grownMiB: peakMiB - restingMiB, tasks }))

/** All boards stay in memory, as they do while a command judges them. */
function tasksIn(boards: readonly string[]): number {
  const parsed = boards.map((text, at) => parseBoard(text, `BOARD-${at}.md` as BoardName))
  return parsed.reduce((sum, { board }) => sum + board.tasks.length, 0)
}
