import { IfBoardError } from '../../model/index.ts'
import { defineCommand } from '../command.ts'

/**
 * `if-board run ID`, `if-board run -- WORDS…`. Exit status 0: done, or it left with 0; 1: it did not; 3: not ready;
 * 4: another's; 5: refused, or its body did not pass; 130: interrupted.
 */
export const run = defineCommand({
  usage: 'run [words..]',
  positionals: {
    words: { type: 'string', array: true, describe: 'Id of a task; or, behind `--`, a command, which no shell reads' },
  },
  options: {
    task: {
      type: 'string',
      requiresArg: true,
      describe: 'The command is for this task; without, the only one you hold',
    },
    'dry-run': { type: 'boolean', describe: 'Say whether the command may run and how, and start nothing' },
    pin: { type: 'string', requiresArg: true, describe: 'Say that this granted program is the file along your PATH' },
  },
  examples: [
    ['if-board run F3', 'claim F3, run its body on HEAD, complete it with what that wrote'],
    ['if-board run -- npm test', 'the tests of the project, if `commands` in the settings grants them'],
    ['if-board run --dry-run -- git log -p', 'may it run? Nothing is started'],
    ['if-board run --pin tests', 'a person: which file its program is on this machine'],
  ],
  notes:
    'A body leaves your files as they are: what it writes is a commit on a branch of its own (docs/checks.md). No command runs until the settings grant it (docs/executor.md).',
  marksDashes: true,
  async run(args, shell) {
    const { words = [], task, 'dry-run': dryRun, pin, dashes } = args as typeof args & { readonly dashes: boolean }
    const isBody = !dashes && words.length === 1 && [task, dryRun, pin].every((option) => option === undefined)
    if (isBody) return (await import('../run-task-body.ts')).runTaskBody(shell, words[0] as string)
    const { pinProgram, runWords } = await import('../run-words.ts')
    if (pin !== undefined && words.length === 0) return pinProgram(shell, pin)
    if (dashes && words.length > 0 && pin === undefined) return runWords(shell, { words, task, dryRun })
    throw new IfBoardError('usage/invalid', 'run: expected the id of a task, or the words of a command behind `--`', {
      hint: 'if-board run F3, or: if-board run -- npm test',
    })
  },
})
