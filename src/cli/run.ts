/** Parse the arguments of one command and run it. */
import yargs, { type Options } from 'yargs'
import { IfBoardError, printable } from '../model/index.ts'
import type { AnyCommand, CommandEntry } from './command.ts'
import { EXIT } from './exit.ts'
import type { Globals } from './globals.ts'
import { nearest } from './near.ts'
import type { Shell } from './shell.ts'

export const GLOBAL_OPTIONS = {
  session: { type: 'string', requiresArg: true, describe: 'Act as this session' },
  json: { type: 'boolean', describe: 'Print one JSON object' },
  debug: { type: 'boolean', describe: 'Print causes and the number of git commands' },
  help: { type: 'boolean', alias: 'h', describe: 'Show this' },
} as const satisfies Record<string, Options>

export interface Typed {
  readonly entry: CommandEntry
  readonly globals: Globals
  /** The whole table, for commands about commands. */
  readonly commands: readonly CommandEntry[]
}

export async function runCommand({ entry, globals, commands }: Typed, shell: Shell): Promise<number> {
  const command = await entry.load()
  const parser = parserOf(entry, command, globals.rest)
  if (globals.help) {
    shell.data(`${await parser.getHelp()}\n`)
    return EXIT.ok
  }
  const args = await parse(() => parser.parseAsync(), command)
  const status = await command.run(args, shell, commands)
  if (shell.debug) await (await import('./report.ts')).reportGitCommands(shell)
  return status
}

function parserOf({ name, summary }: CommandEntry, command: AnyCommand, args: readonly string[]) {
  const { usage, positionals, options, examples, notes } = command
  const parser = yargs([...args])
    .scriptName('if-board')
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'duplicate-arguments-array': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'short-option-groups': false,
    })
    // Messages and help in one language, whatever the machine's is.
    .locale('en')
    .command(usage.replace(name, '$0'), false, (builder) => {
      for (const [key, option] of Object.entries(positionals)) builder.positional(key, positional(option))
      return builder.options({ ...options, ...GLOBAL_OPTIONS })
    })
    .usage(`if-board ${usage} [options]\n\n${summary}`)
    .group(Object.keys(options), 'Options:')
    .group(Object.keys(GLOBAL_OPTIONS), 'Every command:')
    .example(examples.map(([line, does]) => [line, does] as [string, string]))
    .strict()
    .version(false)
    .help(false)
    .exitProcess(false)
    .wrap(null)
    .fail((message, error) => {
      throw error ?? new Misuse(message)
    })
  return notes === undefined ? parser : parser.epilogue(notes)
}

function positional({ describe, type, demandOption, array, choices }: Options) {
  return {
    ...(describe === undefined ? {} : { describe }),
    ...(type === undefined ? {} : { type: type as 'string' }),
    ...(demandOption === undefined ? {} : { demandOption }),
    ...(array === undefined ? {} : { array }),
    ...(choices === undefined ? {} : { choices: choices as string[] }),
  } as const
}

/** What the parser found wrong, in its own words. */
class Misuse extends Error {}

async function parse<T>(parsing: () => Promise<T>, command: AnyCommand): Promise<T> {
  try {
    return await parsing()
  } catch (error) {
    // The parser throws some of its findings past `fail`, under a name of its own.
    if (error instanceof Error && (error instanceof Misuse || error.name === 'YError'))
      throw usageError(command, error.message)
    throw error
  }
}

/** The parser may explain in several lines; the first ones say what is wrong. */
function usageError({ usage, options }: AnyCommand, message: string): IfBoardError {
  const [name = ''] = usage.split(' ')
  const lines = message.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
  const unknown = /^Unknown arguments?: ([^,]+)/.exec(lines[0] ?? '')?.[1]
  const near = unknown === undefined ? undefined : nearest(unknown, Object.keys({ ...options, ...GLOBAL_OPTIONS }))
  const missing = /^Not enough non-option arguments/.test(lines[0] ?? '')
  const what = missing ? `expected \`if-board ${usage}\`` : lines.slice(0, 2).join(' ')
  return new IfBoardError('usage/invalid', printable(`${name}: ${what}`, 300), {
    hint: near === undefined ? `if-board ${name} --help` : `Did you mean --${near}? All: if-board ${name} --help`,
  })
}
