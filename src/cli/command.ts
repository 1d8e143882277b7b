/** The shape of a command: syntax as data, so that help and shell completion read what the parser reads. */
import type { InferredOptionTypes, Options } from 'yargs'
import type { Globals } from './globals.ts'
import type { Shell } from './shell.ts'

type Arguments = Readonly<Record<string, Options>>

export interface Command<P extends Arguments = Arguments, O extends Arguments = Arguments> {
  /** Words after `if-board`, such as `claim <task>`. */
  readonly usage: string
  readonly positionals: P
  readonly options: O
  /** What to type, and what it does. */
  readonly examples: readonly (readonly [command: string, does: string])[]
  /** Further lines of its help. */
  readonly notes?: string
  /**
   * For a command that programs call, always with the same words: its arguments from these, without the parser, which
   * costs a fifth of a start. `undefined`: other words were typed.
   */
  readonly fixed?: (words: readonly string[]) => object | undefined
  /** Its `run` is given in `dashes` whether `--` was typed: words behind it are not like others. */
  readonly marksDashes?: true
  /** Answers the exit status. */
  readonly run: (
    args: InferredOptionTypes<P> & InferredOptionTypes<O>,
    shell: Shell,
    commands: readonly CommandEntry[],
  ) => Promise<number>
}

/** Every command as `main` sees it: arguments are checked by the parser before `run` is called. */
export type AnyCommand = Omit<Command, 'run'> & {
  // biome-ignore lint/suspicious/noExplicitAny: the arguments of one command are not those of another
  readonly run: (args: any, shell: Shell, commands: readonly CommandEntry[]) => Promise<number>
}

export function defineCommand<const P extends Arguments, const O extends Arguments>(
  command: Command<P, O>,
): AnyCommand {
  return command as unknown as AnyCommand
}

/** A line of the table of commands; the command itself is loaded when it was typed. */
export interface CommandEntry {
  /** One word, or two where commands form a family, such as `witness log`. */
  readonly name: string
  readonly group: Group
  readonly summary: string
  /** Called by programs: not on the first page of help. */
  readonly hidden?: true
  readonly load: () => Promise<AnyCommand>
}

export const GROUPS = ['Take and finish tasks', 'Steer', 'Look', 'Prove', 'Set up and mend'] as const
export type Group = (typeof GROUPS)[number]

export interface Typed {
  readonly entry: CommandEntry
  readonly globals: Globals
  /** The whole table, for commands about commands. */
  readonly commands: readonly CommandEntry[]
}
