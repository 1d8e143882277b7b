/** Options that stand before or behind every command, read before the command is known. Pure. */

import type { Options } from 'yargs'

export const GLOBAL_OPTIONS = {
  session: { type: 'string', requiresArg: true, describe: 'Act as this session' },
  json: { type: 'boolean', describe: 'Print one JSON object' },
  debug: { type: 'boolean', describe: 'Print causes and the number of git commands' },
  help: { type: 'boolean', alias: 'h', describe: 'Show this' },
} as const satisfies Record<string, Options>

export interface Globals {
  readonly command: string | undefined
  /** Arguments of the command: everything but the command itself, in the order typed. */
  readonly rest: readonly string[]
  readonly json: boolean
  readonly debug: boolean
  readonly help: boolean
  readonly version: boolean
  readonly session: string | undefined
}

/** Takes no part in judging what was typed: the parser of the command sees all of it again. */
export function readGlobals(args: readonly string[]): Globals {
  const end = args.indexOf('--')
  const options = end < 0 ? args : args.slice(0, end)
  const at = commandAt(options)
  const has = (...names: string[]) => options.some((argument) => names.includes(argument))
  return {
    command: at === undefined ? undefined : args[at],
    rest: args.filter((_, index) => index !== at),
    json: has('--json', '--json=true'),
    debug: has('--debug'),
    help: has('--help', '-h'),
    version: at === undefined && has('--version', '-V'),
    session: optionValue(options, '--session'),
  }
}

/** The same with the next word as part of the command; `undefined` where there is none. */
export function withSecondWord(globals: Globals): Globals | undefined {
  const { command, rest } = globals
  const end = rest.indexOf('--')
  const at = commandAt(end < 0 ? rest : rest.slice(0, end))
  if (at === undefined) return undefined
  return { ...globals, command: `${command} ${rest[at]}`, rest: rest.filter((_, index) => index !== at) }
}

/** The first word that is no option and no value of `--session`. */
function commandAt(args: readonly string[]): number | undefined {
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] as string
    if (argument === '--session') index += 1
    else if (!argument.startsWith('-')) return index
  }
  return undefined
}

function optionValue(args: readonly string[], name: string): string | undefined {
  const at = args.findLastIndex((argument) => argument === name || argument.startsWith(`${name}=`))
  if (at < 0) return undefined
  const argument = args[at] as string
  return argument === name ? args[at + 1] : argument.slice(name.length + 1)
}

/** Nothing else but what `readGlobals` understands as the parser would, without its shorter and longer spellings. */
export function isOnlyGlobals(rest: readonly string[]): boolean {
  for (let index = 0; index < rest.length; index += 1) {
    const argument = rest[index]
    if (argument === '--session' && /^[^-]/.test(rest[index + 1] ?? '')) index += 1
    else if (argument !== '--json' && argument !== '--debug') return false
  }
  return true
}
