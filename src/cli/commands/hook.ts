import { IfBoardError } from '../../model/index.ts'
import { defineCommand } from '../command.ts'
import { HOOK_TOOLS } from '../hooks/index.ts'
import { HOOK_EVENTS, type HookEvent, runHook } from '../hooks/run.ts'

/**
 * `if-board hook EVENT --tool T`: what coding tools call. Exit status 0 whatever happens, but for a mistyped command;
 * 2 of `wait`, with the next task on standard error, wakes the session.
 */
export const hook = defineCommand({
  usage: 'hook <event>',
  positionals: { event: { type: 'string', demandOption: true, choices: HOOK_EVENTS, describe: 'What happened' } },
  options: {
    tool: {
      type: 'string',
      demandOption: true,
      requiresArg: true,
      choices: HOOK_TOOLS.map(({ name }) => name),
      describe: 'The coding tool that calls',
    },
  },
  examples: [['if-board hook stop --tool codex', 'as `if-board init --agents codex` writes it']],
  notes: 'The event comes as JSON on standard input, the answer as JSON on standard output: docs/hooks.md.',
  fixed: ([event, option, tool, ...more]) => {
    const known = HOOK_EVENTS.some((one) => one === event) && HOOK_TOOLS.some(({ name }) => name === tool)
    return known && option === '--tool' && more.length === 0 ? { event, tool } : undefined
  },
  run: ({ event, tool: name }, shell) => {
    const tool = HOOK_TOOLS.find((one) => one.name === name)
    if (tool === undefined) throw new IfBoardError('usage/invalid', `hook: no tool is called \`${name}\``)
    return runHook(event as HookEvent, tool, shell)
  },
})
