import { ALIAS } from '../../credentials/index.ts'
import { IfBoardError, printable } from '../../model/index.ts'
import { proxyVariables } from '../../proxy/index.ts'
import { askGrant } from '../../workflows/proxy/ask-grant.ts'
import { MAX_MINUTES } from '../../workflows/proxy/grant-request.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { grantHints } from '../print/proxy.ts'
import { BOUND_OPTIONS, toBounds, toWhole } from '../proxy-bounds.ts'
import { sessionThatHolds } from '../session.ts'
import { answer, tell } from '../shell.ts'
import { findProxy } from '../wiring/proxy-place.ts'
import { withBoard } from '../with-board.ts'

const DEFAULT_MINUTES = 60

/** `if-board proxy grant ALIAS`: prints a capability. Exit status 5: refused. */
export const grant = defineCommand({
  usage: 'proxy grant <alias>',
  positionals: { alias: { type: 'string', demandOption: true, describe: 'Name of the service in the settings' } },
  options: {
    task: { type: 'string', requiresArg: true, describe: 'For this task, where several are held' },
    minutes: {
      type: 'number',
      requiresArg: true,
      describe: `How long, up to ${MAX_MINUTES} (default: ${DEFAULT_MINUTES})`,
    },
    ...BOUND_OPTIONS,
  },
  examples: [
    ['IF_BOARD_CAPABILITY=$(if-board proxy grant search)', 'for an hour, or until the task is given back'],
    ['if-board proxy grant search --methods GET --path /tasks --calls 100', 'for less'],
  ],
  notes: 'Asks the proxy of this clone (if-board proxy). Who has it can use it: hand it on in the environment.',
  run: async ({ alias, task, minutes, ...typed }, shell) => {
    if (!ALIAS.test(alias))
      throw new IfBoardError('usage/invalid', `\`${printable(alias, 60)}\` is no alias`, {
        hint: 'if-board proxy grant --help',
      })
    const bounds = { ...toBounds(typed), minutes: toWhole('--minutes', minutes ?? DEFAULT_MINUTES, MAX_MINUTES) }
    return withBoard(shell, async (opened) => {
      const session = await sessionThatHolds(opened)
      const { post, socket, port } = await findProxy(opened)
      const outcome = await askGrant(opened.box, { session, task, alias, ...bounds }, post)
      if (outcome.kind === 'refused') {
        const { kind, rule, reason } = outcome
        answer(shell, { kind, rule, reason }, () => '')
        if (!shell.json) tell(shell, `refused: ${reason} [${rule}]`)
        return EXIT.refused
      }
      const { capability } = outcome
      const expires = new Date(outcome.expires * 1000).toISOString()
      const environment = port === undefined ? null : proxyVariables(port, capability)
      const told = { alias, task: outcome.task, expires, socket, port }
      answer(shell, { kind: 'proxy-grant', ...told, port: port ?? null, capability, environment }, () => capability)
      if (!shell.json) for (const line of grantHints(told)) tell(shell, line)
      return EXIT.ok
    })
  },
})
