import { defineCommand } from '../command.ts'
import { runTaskBody } from '../run-task-body.ts'

/** `if-board run ID`. Exit status as `runTaskBody`. */
export const run = defineCommand({
  usage: 'run <task>',
  positionals: { task: { type: 'string', demandOption: true, describe: 'Id, such as F3, or BOARD:ID' } },
  options: {},
  examples: [['if-board run F3', 'claim F3, run its body on HEAD, complete it with what that wrote']],
  notes: 'Your files stay as they are: what it writes is a commit on a branch of its own (docs/checks.md).',
  run: ({ task }, shell) => runTaskBody(shell, task),
})
