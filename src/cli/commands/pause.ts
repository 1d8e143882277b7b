import { defineCommand } from '../command.ts'
import { PAUSE_TARGET, setAside } from '../pause-command.ts'

/** `if-board pause [ID | SESSION | BOARD]`: nothing of it is offered; who holds something may finish it. */
export const pause = defineCommand({
  usage: 'pause [target]',
  positionals: { target: PAUSE_TARGET },
  options: {
    reason: { type: 'string', requiresArg: true, describe: 'Shown to whoever asks' },
    now: { type: 'boolean', describe: 'Also take back what is held' },
  },
  examples: [
    ['if-board pause --reason "release day"', 'offer nothing at all'],
    ['if-board pause session-4 --now', 'stop one session and free its tasks'],
  ],
  run: ({ target, reason, now }, shell) => setAside(shell, 'pause', { target, reason, now: now === true }),
})
