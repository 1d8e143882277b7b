import { IfBoardError } from '../../model/index.ts'
import { status as readStatus, type StatusView } from '../../workflows/views-status.ts'
import { defineCommand } from '../command.ts'
import { jsonText } from '../json.ts'
import { pageOf } from '../page-of.ts'
import { statusText } from '../print/status.ts'
import { answer, type Shell } from '../shell.ts'
import type { Opened } from '../wiring/open.ts'
import { withBoard } from '../with-board.ts'

/** `if-board status`: where everything stands; with `--watch` a screen that stays. */
export const status = defineCommand({
  usage: 'status',
  positionals: {},
  options: {
    watch: { type: 'boolean', describe: 'Stay and show every change; with --json one object a line' },
  },
  examples: [
    ['if-board status', 'one screen: sessions, tasks, critical path, what needs a person'],
    ['if-board status --watch', 'until Ctrl-C'],
  ],
  run: ({ watch }, shell) =>
    withBoard(shell, async (opened) => {
      if (watch === true) return watchStatus(opened, shell)
      const view = await readStatus(opened.box)
      answer(shell, statusJson(view), () => statusText(view, pageOf(shell)))
      return 0
    }),
})

function statusJson({ boards, totals, sessions, criticalPath, ...more }: StatusView) {
  return { kind: 'status', totals, sessions, criticalPath, boards, ...more }
}

/** A look at a local authority costs next to nothing, one at a server counts against a limit. */
const EVERY_MS = { local: 1_000, remote: 10_000 } as const

async function watchStatus({ box }: Opened, shell: Shell): Promise<number> {
  const screen = shell.terminal && !shell.json
  let shown = ''
  while (!shell.stop.aborted) {
    const text = await readText()
    if (text !== shown) draw(text)
    shown = text
    await box.clock.sleep(EVERY_MS[box.authority])
  }
  throw new IfBoardError('interrupted', 'the watch was ended')

  async function readText(): Promise<string> {
    const view = await readStatus(box)
    return shell.json
      ? `${jsonText({ schema: 'if-board/v1', ...statusJson(view) })}\n`
      : statusText(view, pageOf(shell))
  }

  /** ECMA-48: cursor to the top, then erase to the end of each line and of the screen; nothing flickers. */
  function draw(text: string): void {
    if (screen) shell.data(`\u001b[H${text.replaceAll('\n', '\u001b[K\n')}\u001b[J`)
    else shell.data(shell.json ? text : `${text}\n`)
  }
}
