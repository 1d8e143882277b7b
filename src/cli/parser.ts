/** The arguments of one command, read by yargs: loaded only where something was typed behind the command. */
import yargs, { type Options } from 'yargs'
import { IfBoardError, printable } from '../model/index.ts'
import { nearest } from '../model/near.ts'
import type { AnyCommand, Typed } from './command.ts'
import { GLOBAL_OPTIONS } from './globals.ts'

export function helpOf(typed: Typed, command: AnyCommand): Promise<string> {
  return parserOf(typed, command).getHelp()
}

/** @throws IfBoardError `usage/invalid` */
export async function parseArguments(typed: Typed, command: AnyCommand): Promise<object> {
  const { rest } = typed.globals
  const parser = parserOf(typed, command)
  const parsed = await parse(
    () => parser.parseAsync(),
    (text) => usageError(typed.entry.name, command, unmarked(text, rest)),
  )
  const isList = (name: string) => (command.positionals[name] ?? command.options[name])?.array === true
  const values = Object.entries(parsed).map(([name, value]) => [name, isList(name) ? value : lastOf(value)] as const)
  const dashes = command.marksDashes === true ? { dashes: rest.includes('--') } : {}
  return { ...Object.fromEntries(values.map(([name, value]) => [name, restored(value, rest)])), ...dashes }
}

/** An option that was typed twice counts as it was typed last; the parser could do that itself, but for lists of words too. */
function lastOf(value: unknown): unknown {
  return Array.isArray(value) ? value.at(-1) : value
}

/**
 * The parser gives words behind `--` to no positional, and an id may begin with `-`. So they go through
 * it as marks with the number of the word; no argument of a process can hold the NUL that begins them.
 */
function marked(rest: readonly string[]): string[] {
  const end = rest.indexOf('--')
  if (end < 0) return [...rest]
  return rest.flatMap((word, index) => (index < end ? [word] : index === end ? [] : [`\0${index};`]))
}

function unmarked(text: string, rest: readonly string[]): string {
  return text.replace(/\0(\d+);/g, (_mark, index) => rest[Number(index)] ?? '')
}

function restored(value: unknown, rest: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => restored(item, rest))
  return typeof value === 'string' ? unmarked(value, rest) : value
}

function parserOf({ entry: { name, summary }, globals }: Typed, command: AnyCommand) {
  const { usage, positionals, options, examples, notes } = command
  const shared = Object.fromEntries(Object.entries(GLOBAL_OPTIONS).filter(([key]) => !Object.hasOwn(options, key)))
  const parser = yargs(marked(globals.rest))
    .scriptName('if-board')
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'short-option-groups': false,
    })
    // Messages and help in one language, whatever the machine's is.
    .locale('en')
    .command(usage.replace(name, '$0'), false, (builder) => {
      for (const [key, option] of Object.entries(positionals)) builder.positional(key, positional(option))
      return builder.options({ ...options, ...shared })
    })
    .usage(`if-board ${usage} [options]\n\n${summary}`)
    .group(Object.keys(options), 'Options:')
    .group(Object.keys(shared), 'Every command:')
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

async function parse<T>(parsing: () => Promise<T>, misuse: (text: string) => IfBoardError): Promise<T> {
  try {
    return await parsing()
  } catch (error) {
    // The parser throws some of its findings past `fail`, under a name of its own.
    if (error instanceof Error && (error instanceof Misuse || error.name === 'YError')) throw misuse(error.message)
    throw error
  }
}

/** The parser may explain in several lines; the first ones say what is wrong. */
function usageError(name: string, { usage, options }: AnyCommand, message: string): IfBoardError {
  const lines = message.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
  const unknown = /^Unknown arguments?: ([^,]+)/.exec(lines[0] ?? '')?.[1]
  const near = unknown === undefined ? undefined : nearest(unknown, Object.keys({ ...options, ...GLOBAL_OPTIONS }))
  const missing = /^Not enough non-option arguments/.test(lines[0] ?? '')
  const what = missing ? `expected \`if-board ${usage}\`` : lines.slice(0, 2).join(' ')
  return new IfBoardError('usage/invalid', printable(`${name}: ${what}`, 300), {
    hint: near === undefined ? `if-board ${name} --help` : `Did you mean --${near}? All: if-board ${name} --help`,
  })
}
