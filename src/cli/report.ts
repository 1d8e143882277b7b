/** An error on its way out: words, JSON, exit status. */
import { gitCommandCount } from '../adapters/git/index.ts'
import { exitOfError } from './exit.ts'
import { asIfBoardError, causeChain, errorJson, errorText } from './print/error.ts'
import { SCHEMA, type Shell } from './shell.ts'

/** Answers the exit status. */
export function report(thrown: unknown, shell: Shell): number {
  const error = asIfBoardError(thrown)
  if (shell.json) shell.data(`${JSON.stringify({ schema: SCHEMA, ...errorJson(error) })}\n`)
  else shell.talk(errorText(error))
  if (shell.debug) {
    shell.talk(causeChain(thrown))
    reportGitCommands(shell)
  }
  return exitOfError(error.code)
}

export function reportGitCommands(shell: Shell): void {
  shell.talk(`if-board: ${gitCommandCount()} git commands\n`)
}
