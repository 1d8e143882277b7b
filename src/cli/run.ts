/** Run the one command that was typed. */
import type { AnyCommand, Typed } from './command.ts'
import { EXIT } from './exit.ts'
import { type Globals, isOnlyGlobals } from './globals.ts'
import type { Shell } from './shell.ts'

export async function runCommand(typed: Typed, shell: Shell): Promise<number> {
  const { entry, globals, commands } = typed
  const command = await entry.load()
  if (globals.help) {
    const { helpOf } = await import('./parser.ts')
    shell.data(`${await helpOf(typed, command)}\n`)
    return EXIT.ok
  }
  const args =
    argumentsNotTyped(command, globals) ?? (await (await import('./parser.ts')).parseArguments(typed, command))
  const status = await command.run(args, shell, commands)
  if (shell.debug) await (await import('./report.ts')).reportGitCommands(shell)
  return status
}

/**
 * The defaults, where nothing was typed that the parser must read: `if-board next`, as sessions and
 * hooks ask it all day. Loading and running the parser is a fifth of what that takes.
 */
export function argumentsNotTyped({ positionals, options }: AnyCommand, { rest }: Globals): object | undefined {
  if (Object.keys(positionals).length > 0 || !isOnlyGlobals(rest)) return undefined
  if (Object.values(options).some(({ demandOption }) => demandOption !== undefined)) return undefined
  const defaults = Object.entries(options).filter(([, option]) => option.default !== undefined)
  return Object.fromEntries(defaults.map(([name, option]) => [name, option.default]))
}
