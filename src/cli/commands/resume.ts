import { defineCommand } from '../command.ts'
import { PAUSE_TARGET, setAside } from '../pause-command.ts'

/** `if-board resume [ID | SESSION | BOARD]`. */
export const resume = defineCommand({
  usage: 'resume [target]',
  positionals: { target: PAUSE_TARGET },
  options: {},
  examples: [['if-board resume', 'offer everything again']],
  run: ({ target }, shell) => setAside(shell, 'resume', { target, reason: undefined, now: false }),
})
