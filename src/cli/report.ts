/** An error on its way out: words, JSON, exit status. */
import { asIfBoardError, errorJson, SCHEMA } from '../workflows/answers.ts'
import { exitOfError } from './exit.ts'
import { jsonText } from './json.ts'
import { causeChain, errorText } from './print/error.ts'
import type { Shell } from './shell.ts'

/** Answers the exit status. */
export async function report(thrown: unknown, shell: Shell): Promise<number> {
  const error = asIfBoardError(thrown)
  if (shell.json) shell.data(`${jsonText({ schema: SCHEMA, ...errorJson(error) })}\n`)
  else shell.talk(errorText(error))
  if (shell.debug) {
    shell.talk(causeChain(thrown))
    await reportGitCommands(shell)
  }
  return exitOfError(error.code)
}

export async function reportGitCommands(shell: Shell): Promise<void> {
  const { gitCommandCount } = await import('./wiring/git-commands.ts')
  shell.talk(`if-board: ${gitCommandCount()} git commands\n`)
}
