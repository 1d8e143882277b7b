import { type ShadowReport, shadowFast } from '../../workflows/fast/shadow.ts'
import { defineCommand } from '../command.ts'
import { toPositive } from '../evidence.ts'
import { EXIT } from '../exit.ts'
import { shadowJson, shadowLine, shadowText } from '../print/fast-shadow.ts'
import { answer, type Shell, tell } from '../shell.ts'
import { needFastTools } from '../wiring/fast.ts'
import { longLived } from '../wiring/watch.ts'
import { withBoard } from '../with-board.ts'

const MINUTE_MS = 60_000
const TOLD_EVERY_MS = 30_000

/** `if-board fast shadow`. Exit status 6 when etcd named another winner or lost a claim, 7 when it was not reached. */
export const shadow = defineCommand({
  usage: 'fast shadow',
  positionals: {},
  options: {
    minutes: { type: 'number', requiresArg: true, default: 10, describe: 'For how long; Ctrl-C ends it earlier' },
  },
  examples: [
    ['if-board fast shadow', 'ten minutes of real claims, made in etcd too'],
    ['if-board fast shadow --minutes 480 --json', 'a working day, as one object at the end'],
  ],
  notes:
    'Git decides all the while, and nothing is written to it. Sessions see none of this. Steps before and after: docs/operations.md.',
  run: ({ minutes }, shell) => {
    const forMs = (toPositive('minutes', minutes, 'minutes') ?? 10) * MINUTE_MS
    return withBoard(shell, async (opened) => {
      const { path } = await needFastTools(opened, shell)
      const report = await shadowFast(longLived(opened), { path, forMs, stop: shell.stop, seen: nowAndThen(shell) })
      answer(shell, shadowJson(report), () => shadowText(report))
      if (report.differences.length > 0) return EXIT.findings
      return report.outages > 0 && report.outages === report.looks ? EXIT.unreachable : EXIT.ok
    })
  },
})

function nowAndThen(shell: Shell): (report: ShadowReport) => void {
  let toldAt = performance.now()
  return (report) => {
    if (performance.now() - toldAt < TOLD_EVERY_MS) return
    toldAt = performance.now()
    tell(shell, shadowLine(report))
  }
}
