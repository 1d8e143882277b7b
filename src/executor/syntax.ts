/**
 * The words of a command held against a grammar, one by one from the left, each looked at once.
 *
 * What a word is (flag, its value, subcommand, argument) is said by the grammar alone, so the grammar has to say how the
 * program reads it: `form` of a flag, `order`, `rest`. Whatever it does not say is denied.
 */
import { type CommandSyntax, type FlagForm, type FlagRule, printable, type ValueRule } from '../model/index.ts'
import { ArgumentList } from './arguments.ts'
import { takes } from './values.ts'

export type Parsed =
  | {
      readonly kind: 'taken'
      /** The words as they are given to the program: what was typed, and what the grammar puts before it. */
      readonly args: readonly string[]
      /** Words that are paths, for whoever can look at files. */
      readonly paths: readonly string[]
    }
  | Denied

interface Denied {
  readonly kind: 'denied'
  readonly reason: string
}

/** What was taken of the words, and how many of them. */
interface Step {
  readonly kind: 'taken'
  readonly count: number
  readonly args: readonly string[]
  readonly paths: readonly string[]
}

/** @param words  behind the program's name; they have passed `argvProblem` */
export function parseWords(syntax: CommandSyntax, words: readonly string[]): Parsed {
  const seen: Seen = { flags: new Set(), list: new ArgumentList(syntax.args ?? []), hasArgument: false }
  const args = [...(syntax.put ?? [])]
  const paths: string[] = []
  for (let at = 0; at < words.length; ) {
    const step = readWord(syntax, seen, { words, at })
    if (step.kind === 'denied') return step
    args.push(...step.args)
    paths.push(...step.paths)
    at += step.count
  }
  const missing = whatIsMissing(syntax, seen)
  return missing === undefined ? { kind: 'taken', args, paths } : denied(missing)
}

interface Seen {
  readonly flags: Set<string>
  readonly list: ArgumentList
  hasArgument: boolean
}

interface Position {
  readonly words: readonly string[]
  readonly at: number
}

function readWord(syntax: CommandSyntax, seen: Seen, position: Position): Step | Denied {
  const word = position.words[position.at] as string
  if (word === '--') return readRest(syntax, position)
  if (word.startsWith('-')) return readFlag(syntax, seen, position)
  seen.hasArgument = true
  return syntax.commands === undefined ? readArgument(seen, word) : readCommand(syntax, position)
}

function readFlag({ flags, order }: CommandSyntax, seen: Seen, { words, at }: Position): Step | Denied {
  const word = words[at] as string
  const equals = word.indexOf('=')
  const name = equals < 0 ? word : word.slice(0, equals)
  const rule = own(flags, name)
  if (rule === undefined) return denied(`the flag ${quoted(name)} is not listed`)
  if (seen.hasArgument && order !== 'any') return denied(`the flag ${quoted(name)} stands behind an argument`)
  seen.flags.add(name)
  const shape = shapeOf(name, rule)
  const inline = equals < 0 ? undefined : word.slice(equals + 1)
  if (shape !== undefined) return readValue({ name, word, inline, next: words[at + 1] }, shape)
  return inline === undefined ? taken([word]) : denied(`the flag ${quoted(name)} takes nothing`)
}

interface Flag {
  readonly name: string
  /** The name, and what stands behind its `=`. */
  readonly word: string
  readonly inline: string | undefined
  readonly next: string | undefined
}

function readValue({ name, word, inline, next }: Flag, { value, form }: FlagShape): Step | Denied {
  if (inline === undefined && form === 'maybe') return taken([word])
  if (!FORMS[form].includes(inline === undefined ? 'next' : 'inline'))
    return denied(`the value of ${quoted(name)} is given ${PLACES[form]}`)
  const given = inline ?? next
  if (given === undefined) return denied(`the flag ${quoted(name)} has no value`)
  const answer = takes(value, given)
  if (answer.kind === 'no')
    return denied(`${quoted(given)} behind ${quoted(name)} is not ${printable(answer.wanted, MAX_WANTED)}`)
  return taken(inline === undefined ? [word, given] : [word], answer.paths)
}

function readCommand({ commands }: CommandSyntax, { words, at }: Position): Step | Denied {
  const word = words[at] as string
  const syntax = own(commands, word)
  if (syntax === undefined) return denied(`${quoted(word)} is no subcommand that is listed`)
  return allBehind(word, parseWords(syntax, words.slice(at + 1)), words.length - at)
}

/** Behind `--` some programs read only arguments, others hand all on: the grammar says which, and what. */
function readRest({ rest }: CommandSyntax, { words, at }: Position): Step | Denied {
  if (rest === undefined) return denied('`--` is not listed')
  const behind = parseWords(rest, words.slice(at + 1))
  if (behind.kind === 'denied') return denied(`behind \`--\`: ${behind.reason}`)
  return allBehind('--', behind, words.length - at)
}

function allBehind(word: string, behind: Parsed, count: number): Step | Denied {
  return behind.kind === 'denied' ? behind : { ...behind, args: [word, ...behind.args], count }
}

function readArgument({ list }: Seen, word: string): Step | Denied {
  const answer = list.take(word)
  if (answer.kind === 'yes') return taken([word], answer.paths)
  return denied(
    `${quoted(word)} is ${answer.wanted === undefined ? 'one argument too many' : `not ${printable(answer.wanted, MAX_WANTED)}`}`,
  )
}

function whatIsMissing(
  { needs = [], commands }: CommandSyntax,
  { flags, list, hasArgument }: Seen,
): string | undefined {
  if (commands !== undefined && !hasArgument) return 'a subcommand is missing'
  const unmet = needs
    .map((need) => (typeof need === 'string' ? [need] : need))
    .find((any) => !any.some((flag) => flags.has(flag)))
  if (unmet !== undefined) return `${unmet.map(quoted).join(' or ')} has to be there`
  return commands !== undefined || list.isComplete() ? undefined : 'an argument is missing'
}

function taken(args: readonly string[], paths: readonly string[] = []): Step {
  return { kind: 'taken', count: args.length, args, paths }
}

function denied(reason: string): Denied {
  return { kind: 'denied', reason }
}

/** Keys come from the settings, so nothing of a prototype counts. */
function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined
}

const FORMS: Readonly<Record<FlagForm, readonly ('next' | 'inline')[]>> = {
  separate: ['next'],
  equals: ['inline'],
  either: ['next', 'inline'],
  maybe: ['inline'],
}

const PLACES: Readonly<Record<FlagForm, string>> = {
  separate: 'as the next word',
  equals: 'behind `=`',
  either: 'as the next word or behind `=`',
  maybe: 'behind `=`',
}

interface FlagShape {
  readonly value: ValueRule
  readonly form: FlagForm
}

/** `undefined`: it takes nothing. By getopt_long(3) `-n=5` is the value `=5`; longer names take both forms in most programs. */
function shapeOf(name: string, rule: FlagRule): FlagShape | undefined {
  if (rule === true) return undefined
  if (typeof rule === 'object' && 'value' in rule) return rule
  return { value: rule, form: /^-[^-]$/.test(name) ? 'separate' : 'either' }
}

/** Whole or not at all: reasons are logged, and half a secret is found by no rule that masks them. */
function quoted(word: string): string {
  return word.length > MAX_QUOTED ? `a word of ${word.length} characters` : `\`${printable(word)}\``
}

const MAX_QUOTED = 60
const MAX_WANTED = 120
