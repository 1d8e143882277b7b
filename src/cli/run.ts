/** Run the one command that was typed. */
import type { AnyCommand, CommandEntry, Typed } from './command.ts'
import { EXIT } from './exit.ts'
import { GLOBAL_OPTIONS, type Globals, isOnlyGlobals, withSecondWord } from './globals.ts'
import type { Shell } from './shell.ts'

/**
 * The command that was typed; its name has two words where the first names a family, such as `witness log`. One that is a
 * command too, such as `proxy`, is meant where the second word names none.
 */
export function lookUp(globals: Globals, commands: readonly CommandEntry[]): Typed | undefined {
  const find = (typed: Globals) => commands.find(({ name }) => name === typed.command)
  const longer = isFamily(globals.command, commands) ? withSecondWord(globals) : undefined
  const member = longer && find(longer)
  if (longer && member) return { entry: member, globals: longer, commands }
  const entry = find(globals)
  return entry && { entry, globals, commands }
}

/** Does some command of two words begin with this one? */
export function isFamily(word: string | undefined, commands: readonly CommandEntry[]): boolean {
  return word !== undefined && commands.some(({ name }) => name.startsWith(`${word} `))
}

export async function runCommand(typed: Typed, shell: Shell): Promise<number> {
  const { entry, globals, commands } = typed
  const command = await entry.load()
  if (globals.help) {
    const { helpOf } = await import('./parser.ts')
    shell.data(`${await helpOf(typed, command)}\n`)
    return EXIT.ok
  }
  const args =
    argumentsNotTyped(command, globals) ??
    command.fixed?.(globals.rest) ??
    (await (await import('./parser.ts')).parseArguments(typed, command))
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
  // An option of its own under the name of one that every command has: only the parser tells them apart.
  if (Object.keys(options).some((name) => Object.hasOwn(GLOBAL_OPTIONS, name))) return undefined
  if (Object.values(options).some(({ demandOption }) => demandOption !== undefined)) return undefined
  const defaults = Object.entries(options).filter(([, option]) => option.default !== undefined)
  return Object.fromEntries(defaults.map(([name, option]) => [name, option.default]))
}
