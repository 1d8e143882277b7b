import { IMPORT_FORMATS, importFile } from '../../workflows/import-file.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { readFiles } from '../files.ts'
import { pageOf } from '../page-of.ts'
import { importJson, importText } from '../print/import.ts'
import { diagnosticLines } from '../print/lint.ts'
import { author } from '../session.ts'
import { answer } from '../shell.ts'
import { foldAfterwards, withBoard } from '../with-board.ts'

/** `if-board import FILE`: tasks of another tool, one way. Exit status 6 when something is not taken over. */
export const importCommand = defineCommand({
  usage: 'import <file>',
  positionals: { file: { type: 'string', demandOption: true, describe: 'A file of another tool' } },
  options: {
    board: { type: 'string', requiresArg: true, describe: 'Path on the branch (default: boards/<file>.md)' },
    format: { choices: IMPORT_FORMATS, requiresArg: true, describe: 'What the file is (default: by its look)' },
    'dry-run': { type: 'boolean', describe: 'Print the board that it would become' },
  },
  examples: [
    ['if-board import .taskmaster/tasks/tasks.json --dry-run', 'Task Master, looked at first'],
    ['if-board import .beads/issues.jsonl', 'beads'],
    ['if-board import todo.txt --board boards/home.md', 'todo.txt'],
    ['if-board import issues.json', 'gh issue list --state all --json number,title,body,state,labels,assignees'],
    ['if-board import TASKLIST.md', 'a task list of GitHub issues: - [ ] #12 Title'],
  ],
  notes: 'The same file again adds what is new and leaves alone what the board has.',
  run: async ({ file, board, format, 'dry-run': dryRun }, shell) => {
    const [named] = await readFiles(shell, [file])
    return withBoard(shell, async (opened) => {
      const who = await author(opened)
      const mode = dryRun === true ? 'dry-run' : 'apply'
      const bytes = named?.bytes ?? new Uint8Array()
      const outcome = await importFile(opened.box, { file, bytes, format, board, mode, author: who })
      const { diagnostics } = outcome
      if (!shell.json)
        shell.talk(
          diagnosticLines(diagnostics, pageOf(shell))
            .map((line) => `${line}\n`)
            .join(''),
        )
      answer(shell, importJson(outcome), () => importText(outcome))
      if (mode === 'apply') await foldAfterwards(opened, who)
      return diagnostics.some(({ severity }) => severity === 'error') ? EXIT.findings : EXIT.ok
    })
  },
})
