/**
 * Commands that the settings grant: which words a program of this machine may be given, and with what it runs.
 * Plain JSON throughout, so that it travels through the hub's memory as it is. `docs/executor.md` says how it acts.
 */

/** Kinds of values that are named alone. */
export const VALUE_KINDS = ['path', 'number', 'name', 'label', 'revision', 'text'] as const
export type ValueKind = (typeof VALUE_KINDS)[number]

/** What one argument, or the value of a flag, may be. A list: what any of its rules takes. */
export type ValueRule =
  | ValueKind
  | { readonly words: readonly string[] }
  | { readonly pattern: string }
  /** Whole numbers, both ends included. */
  | { readonly from: number; readonly to: number }
  | readonly ValueRule[]

/**
 * How a program reads the value of a flag: the next word, behind `=`, both, or `maybe`: alone, or with a value behind `=`.
 */
export type FlagForm = 'separate' | 'equals' | 'either' | 'maybe'

/** `true`: the flag takes nothing. */
export type FlagRule = true | ValueRule | { readonly value: ValueRule; readonly form: FlagForm }

/** Other arguments, in their order; left out, `times` is `one`. */
export type ArgumentRule = ValueRule | { readonly value: ValueRule; readonly times: ArgumentTimes }
export type ArgumentTimes = 'one' | 'maybe' | 'some' | 'any'

/** Words behind a program, or behind a subcommand. */
export interface CommandSyntax {
  /** Words that are put before all that was typed. */
  readonly put?: readonly string[]
  readonly commands?: Readonly<Record<string, CommandSyntax>>
  readonly flags?: Readonly<Record<string, FlagRule>>
  readonly args?: readonly ArgumentRule[]
  /** Behind `--`. */
  readonly rest?: Pick<CommandSyntax, 'flags' | 'args'>
  /** Flags that have to be there; a list: one of these. */
  readonly needs?: readonly (string | readonly string[])[]
  /** Default `flags-first`. */
  readonly order?: 'flags-first' | 'any'
}

export interface Grammar extends CommandSyntax {
  /** Name of the program, without a folder. */
  readonly program?: string
  /** `code`: what somebody who edits the project can choose. */
  readonly runs: 'itself' | 'code'
  readonly set?: Readonly<Record<string, string>>
}

/** One entry of `commands` in the settings, with every default filled in. */
export interface CommandSettings {
  readonly name: string
  /** The first word of a command has to be it; left out, what the grammar names. */
  readonly program?: string
  /** A ready-made grammar by its name, or one of the settings' own. */
  readonly grammar: string | Grammar
  /** For what runs code: `sandboxed` needs the layer `bwrap`; default. */
  readonly code: 'sandboxed' | 'trusted'
  readonly demand: readonly ExecutorLayer[]
  readonly network: 'none' | 'host'
  readonly timeoutSeconds: number
  readonly outputKiB: number
  readonly memoryMiB: number
  /** Names of variables that are handed on. */
  readonly environment: readonly string[]
  readonly set: Readonly<Record<string, string>>
  /** Absolute, or `~/…`. */
  readonly reads: readonly string[]
  readonly writes: 'workTree' | 'nothing'
}

/** The same with its grammar at hand. */
export interface CommandGrant extends CommandSettings {
  readonly program: string
  readonly grammar: Grammar
}

/** What stands between a command and this machine (docs/executor.md, Layers). */
export const EXECUTOR_LAYERS = ['process-group', 'run-mark', 'memory-watch', 'prlimit', 'bwrap'] as const
export type ExecutorLayer = (typeof EXECUTOR_LAYERS)[number]

export const COMMAND_DEFAULTS = {
  code: 'sandboxed',
  demand: [],
  network: 'none',
  timeoutSeconds: 5,
  outputKiB: 1024,
  memoryMiB: 4096,
  environment: [],
  set: {},
  reads: [],
  writes: 'workTree',
} as const satisfies Omit<CommandSettings, 'name' | 'program' | 'grammar'>
