/**
 * Counts in prose that the rows have left behind: `**Total Tasks:** 48`, `3 of 10 complete`, `## Phase 1 (5 tasks)`.
 *
 * Only such plain forms are read, and a count is wrong only when nothing on the board has that number: all
 * tasks, those that are no fillers, or those of a section around the line. What is rounded (`~19`, `19+`)
 * is nobody's mistake.
 */
import type { BoardTask, Diagnostic } from '../../model/index.ts'
import { plainText } from '../inline.ts'
import type { Section } from '../sections.ts'
import { placeAt } from '../source.ts'
import type { FileRule } from './rule.ts'

/** `Total Tasks: 48 (…)`, `Total: 24 tasks`, `Tasks: 24`. */
const TOTAL = /^(?:(?:grand )?total(?: number of)? (?:tasks|items)|tasks|items) ?[:=] ?(\d{1,6})(?![\d.,+%]|\/| of )\b/i
const TOTAL_OF = /^(?:grand )?total ?[:=] ?(\d{1,6}) (?:tasks|items)\b/i
/** `3 of 10 tasks complete`, `Progress: 3/10 done`. */
const PROGRESS =
  /^(?:(?:progress|completed|done|status|complete) ?[:=] ?)?(\d{1,6}) ?(?:of|\/) ?(\d{1,6})(?: tasks| items)?(?: are)? (?:complete|completed|done|finished)\b/i
/** `Phase 1 (5 tasks)`, `5 tasks` behind a dash. */
const HEADING = /(?:\(|[-–—:] )(\d{1,6}) (?:tasks|items)\)?$/i

interface Count {
  readonly kind: 'total' | 'done'
  readonly number: number
}

/** `board/count-drift` */
export const counts: FileRule = ({ board, read }) => {
  if (board.tasks.length === 0) return []
  const { blocks, sections, source } = read.document
  const tallies = tally(board.tasks)
  return blocks.flatMap((block, index): Diagnostic[] => {
    if (block.kind === 'table') return []
    const raw = source.text.slice(block.start, Math.min(block.end, block.start + 20_000))
    // An item's paragraphs are blocks of their own: only its first line is looked at.
    const lines = block.kind === 'paragraph' ? raw.split(/\r\n|\n|\r/) : [raw.split(/[\r\n]/, 1)[0] ?? '']
    let start = block.start
    return lines.flatMap((line): Diagnostic[] => {
      const at = source.text.indexOf(line, start)
      start = at + line.length
      const wrong = countsIn(line, block.kind === 'heading').find((count) => !isRight(count, sections[index], tallies))
      return wrong === undefined ? [] : [drift(wrong, tallies.get(''), placeAt(read.source, at))]
    })
  })
}

function countsIn(line: string, isHeading: boolean): Count[] {
  const text = plainText(line.slice(0, 1000).replace(/^[#\s>]*(?:[-*+] )?/, ''), 300)
  if (/[~≈]|\babout\b/i.test(text)) return []
  if (isHeading) return numbers('total', HEADING.exec(text)?.[1])
  const progress = PROGRESS.exec(text)
  if (progress !== null) return [...numbers('total', progress[2]), ...numbers('done', progress[1])]
  return numbers('total', (TOTAL.exec(text) ?? TOTAL_OF.exec(text))?.[1])
}

function numbers(kind: Count['kind'], digits: string | undefined): Count[] {
  return digits === undefined ? [] : [{ kind, number: Number(digits) }]
}

interface Tally {
  total: number
  done: number
}

/** Tasks of a section with those below it, or of the whole board (`''`); by name, each with and without fillers. */
function tally(tasks: readonly BoardTask[]): Tallies {
  const tallies = new Map<string, readonly [Tally, Tally]>()
  for (const task of tasks)
    for (const name of around(task.section?.split(SEPARATOR) ?? [])) {
      const pair = tallies.get(name) ?? ([nothing(), nothing()] as const)
      tallies.set(name, pair)
      for (const one of task.filler ? pair.slice(0, 1) : pair) count(one, task)
    }
  return tallies
}

type Tallies = ReadonlyMap<string, readonly [all: Tally, work: Tally]>

function nothing(): Tally {
  return { total: 0, done: 0 }
}

function count(into: Tally, { status }: BoardTask): void {
  into.total += 1
  if (status === 'done') into.done += 1
}

const SEPARATOR = ' / '

/** Names of the sections on a path, the whole board first. */
function around(path: readonly string[]): string[] {
  return ['', ...path.map((_, depth) => path.slice(0, depth + 1).join(SEPARATOR))]
}

/** A line may mean the whole board or any section around it. */
function isRight({ kind, number }: Count, section: Section | undefined, tallies: Tallies): boolean {
  return around(section?.path ?? []).some((name) => tallies.get(name)?.some((one) => one[kind] === number) ?? false)
}

function drift(
  { kind, number }: Count,
  tallies: readonly [Tally, Tally] | undefined,
  place: ReturnType<typeof placeAt>,
): Diagnostic {
  const [all, work] = tallies ?? []
  const fillers = (all?.total ?? 0) - (work?.total ?? 0)
  const total = `${all?.total}${fillers === 0 ? '' : `, ${fillers} of them fillers`}`
  const [what, found] = kind === 'total' ? ['tasks', total] : ['tasks done', all?.done]
  return {
    code: 'board/count-drift',
    severity: 'warning',
    message: `this line counts ${number} ${what}; the board has ${found}`,
    hint: 'Correct the number, or leave it out: if-board status counts for you',
    ...place,
  }
}
