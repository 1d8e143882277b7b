import { type Diagnostic, IfBoardError } from '../../model/index.ts'
import { boardToEdit, type EditOutcome, editBoardText } from '../../workflows/edit-text.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { pageOf } from '../page-of.ts'
import { editText } from '../print/edit.ts'
import { diagnosticLines } from '../print/lint.ts'
import { author } from '../session.ts'
import { answer, type Shell, tell } from '../shell.ts'
import { editDesk, keptBoards } from '../wiring/desk.ts'
import { lineMerge } from '../wiring/merge.ts'
import { foldAfterwards, withBoard } from '../with-board.ts'

/** `if-board edit [BOARD]`: your editor, then lint, then push. Exit status 6 when the text is kept with findings. */
export const edit = defineCommand({
  usage: 'edit [board]',
  positionals: { board: { type: 'string', describe: 'Which board, where there are several' } },
  options: { yes: { type: 'boolean', describe: 'Push with warnings, unasked; errors are asked about always' } },
  examples: [
    ['if-board edit', 'the editor that git uses: core.editor, VISUAL, EDITOR'],
    ['if-board edit boards/web.md', 'one of several'],
  ],
  notes: 'What cannot be pushed is kept in this clone, and the next if-board edit goes on with it.',
  run: async ({ board: words, yes }, shell) => {
    if (!shell.terminal)
      throw new IfBoardError('edit/no-editor', 'there is no terminal to open an editor in', {
        hint: 'Edit in a clone of the boards: if-board checkout',
      })
    return withBoard(shell, async (opened) => {
      const who = await author(opened)
      const board = await boardToEdit(opened.box, words, () => keptBoards(opened))
      const outcome = await editBoardText(
        {
          box: opened.box,
          desk: editDesk(opened, board),
          mergeLines: lineMerge(shell),
          ask: (findings) => askAbout(findings, shell),
          tell: (line) => tell(shell, line),
        },
        { board, yes: yes === true, author: who },
      )
      answer(shell, { ...outcome, board }, () => editText(outcome, board))
      await foldAfterwards(opened, who)
      return exitOf(outcome)
    })
  },
})

function exitOf({ kind }: EditOutcome): number {
  return kind === 'kept' ? EXIT.findings : EXIT.ok
}

/** Shown on the terminal and answered there; an end of input keeps the text. */
async function askAbout(findings: readonly Diagnostic[], shell: Shell): Promise<'again' | 'push' | 'keep'> {
  shell.talk(`${diagnosticLines(findings, pageOf(shell)).join('\n')}\n`)
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('k')))
  try {
    for (;;) {
      const typed = await Promise.race([lines.question('[e]dit again, [p]ush as it is, [k]eep it for later? '), ended])
      const answers = { e: 'again', p: 'push', k: 'keep' } as const
      const found = answers[typed.trim().toLowerCase().slice(0, 1) as keyof typeof answers]
      if (found !== undefined) return found
    }
  } finally {
    lines.close()
  }
}
