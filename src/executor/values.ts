/** Does a value take a word? Each answer is linear in the word, but of patterns, whose cost is their length times the word's. */

import { matchesGlob } from '../model/glob.ts'
import type { ValueKind, ValueRule } from '../model/index.ts'
import { pathProblem } from '../model/safe-path.ts'

export type Taken =
  /** `paths`: the word is one, to be looked at where files are. */
  { readonly kind: 'yes'; readonly paths: readonly string[] } | { readonly kind: 'no'; readonly wanted: string }

/** `wanted` says in a few words what would have been taken. */
export function takes(rule: ValueRule, word: string): Taken {
  if (isList(rule)) return takesOneOf(rule, word)
  if (typeof rule === 'object' && 'words' in rule)
    return rule.words.includes(word) ? YES : no(`one of ${rule.words.slice(0, 12).join(', ')}`)
  // Where a program expects a value it may read a flag all the same.
  if (word.startsWith('-')) return no('a value that does not begin with `-`')
  if (typeof rule === 'string') return KINDS[rule](word)
  if ('pattern' in rule) return matchesPattern(rule.pattern, word) ? YES : no(`what matches ${rule.pattern}`)
  return isNumber(word, rule.from, rule.to) ? YES : no(`a number from ${rule.from} to ${rule.to}`)
}

function isList(rule: ValueRule): rule is readonly ValueRule[] {
  return Array.isArray(rule)
}

/** A path among the rules is asked like the others: what is taken as a word is not looked at as a file. */
function takesOneOf(rules: readonly ValueRule[], word: string): Taken {
  const answers = rules.map((rule) => takes(rule, word))
  const wanted = answers.flatMap((answer) => (answer.kind === 'no' ? [answer.wanted] : []))
  return answers.find(({ kind }) => kind === 'yes') ?? no(wanted.join(', or '))
}

const YES: Taken = { kind: 'yes', paths: [] }

function no(wanted: string): Taken {
  return { kind: 'no', wanted }
}

const MAX_NUMBER = 999_999_999

const KINDS: Readonly<Record<ValueKind, (word: string) => Taken>> = {
  path,
  number: (word) => (isNumber(word, 0, MAX_NUMBER) ? YES : no(`a whole number up to ${MAX_NUMBER}`)),
  name: matching(/^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.-]*$/u, 'a name of letters, digits, `_`, `.` and `-`'),
  label: matching(/^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.\-/,:=!+]*$/u, 'letters, digits and `_.-/,:=!+`'),
  revision: matching(/^[A-Za-z0-9_][A-Za-z0-9_.\-/~^]*$/, 'a revision such as `main~2` or `v1..v2`'),
  text: () => YES,
}

/** `*` stands for no way out: a part `..`, or a beginning at the root, only where the pattern says so itself. */
function matchesPattern(pattern: string, word: string): boolean {
  if (climbs(word) && !climbs(pattern)) return false
  if (word.startsWith('/') && !pattern.startsWith('/')) return false
  return matchesGlob(pattern, word)
}

function climbs(word: string): boolean {
  return word.split('/').includes('..')
}

function matching(pattern: RegExp, wanted: string): (word: string) => Taken {
  return (word) => (pattern.test(word) && !climbs(word) ? YES : no(wanted))
}

/** Without signs, leading zeros and exponents: each program reads those in its own way. */
function isNumber(word: string, from: number, to: number): boolean {
  return /^(?:0|[1-9]\d{0,8})$/.test(word) && Number(word) >= from && Number(word) <= to
}

/** `.` is the current folder, and `./` before a path and `/` behind it change nothing of what it names. */
function path(word: string): Taken {
  if (word === '.' || word === './') return { kind: 'yes', paths: ['.'] }
  const problem = pathProblem(word.replace(/^\.\//, '').replace(/\/$/, ''))
  return problem === undefined ? { kind: 'yes', paths: [word] } : no(`a path inside the work tree: ${problem}`)
}
