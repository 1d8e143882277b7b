import { parseFiles } from '../../workflows/parse-files.ts'
import { defineCommand } from '../command.ts'
import { readFiles } from '../files.ts'
import { pageOf } from '../page-of.ts'
import { parseText } from '../print/parse.ts'
import { answer } from '../shell.ts'

/** `if-board parse FILE…`: what is understood of a file, outside any repository. */
export const parse = defineCommand({
  usage: 'parse <files..>',
  positionals: { files: { type: 'string', array: true, demandOption: true, describe: 'Markdown files' } },
  options: {},
  examples: [['if-board parse TASKS.md', 'what if-board would make of it']],
  run: async ({ files }, shell) => {
    const tasks = await parseFiles(await readFiles(shell, files))
    answer(shell, { kind: 'parse', ...tasks }, () => parseText(tasks, pageOf(shell)))
    return 0
  },
})
