/** `replay`: the record's figures and those of the replay, side by side. Pure. */
import { printable } from '../../model/index.ts'
import type { ReplayReport } from '../../workflows/replay.ts'
import type { Figures } from '../../workflows/replay-figures.ts'
import { type Cell, type Page, table, wrap } from './page.ts'
import { duration, plural } from './words.ts'

export function replayText(report: ReplayReport, page: Page): string {
  const { ink } = page
  const { recorded } = report
  const row = (name: string, of: (figures: Figures) => string): Cell[] => [
    { text: name },
    { text: of(recorded) },
    { text: of(report), paint: ink.bold },
  ]
  const rows: Cell[][] = [
    [{ text: '' }, { text: 'recorded', paint: ink.dim }, { text: 'if-board', paint: ink.dim }],
    row('tasks (no fillers)', ({ tasks }) => String(tasks)),
    row('completed', ({ completedTasks }) => String(completedTasks)),
    row('completions', ({ completions }) => String(completions)),
    row('duplicates', ({ duplicates }) => String(duplicates)),
    row('ready → claimed, median', ({ readyToClaimedSeconds: { median, n } }) => wait(median, n)),
    row('ready → claimed, 90 %', ({ readyToClaimedSeconds: { p90, n } }) => wait(p90, n)),
    row('from start to last completion', ({ makespanSeconds }) => duration(makespanSeconds)),
    row('fillers completed', ({ fillers }) => `${fillers.completions - fillers.duplicates} of ${fillers.tasks}`),
  ]
  return `${[...table(rows, page, 0, 0), '', ...notes(report, page)].join('\n')}\n`
}

function wait(seconds: number | null, n: number): string {
  return seconds === null ? '-' : `${duration(seconds)} (n = ${n})`
}

function notes(report: ReplayReport, page: Page): string[] {
  const { durations, sessions, pollSeconds, moves, recorded, unfinished } = report
  const strange = recorded.notOnBoard
  return [
    `${plural(sessions, 'session')}, each from its first event on; idle ones ask every ${pollSeconds} s of virtual time.`,
    `A task takes what it took in the record (${plural(durations.known, 'task')}), all others ${duration(durations.otherwiseSeconds)}, the median.`,
    `Moves asked of the authority: ${moves.asked}, of which ${moves.lost} came too late.`,
    ...(strange.tasks > 0
      ? [`The record also names ${plural(strange.tasks, 'task')} that the board does not have.`]
      : []),
    ...(unfinished.length > 0
      ? [
          `Not finished: ${unfinished
            .slice(0, 20)
            .map((id) => printable(id, 40))
            .join(', ')}${unfinished.length > 20 ? ', …' : ''}`,
        ]
      : []),
  ].flatMap((line) => wrap(line, page))
}
