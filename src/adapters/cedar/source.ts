/** Texts of policies: limits, where each policy begins, and places of what the engine finds. Pure. */
import type { Diagnostic } from '../../model/index.ts'
import type { PolicyFile } from '../../ports/index.ts'

/** A person's policies have a few KiB; the engine's parser recurses, and its time grows with the text. */
const MAX_FILES = 50
const MAX_LENGTH = 64 * 1024
const MAX_TOTAL = 256 * 1024
const MAX_DEPTH = 40
/** Operators of one policy: `a && a && …` recurses as brackets do, and the engine dies of 500 of them or of 150 brackets. */
const MAX_OPERATORS = 100

export interface Policy {
  /** `night.cedar:3`: file and line, so that whoever is refused finds it. */
  readonly id: string
  readonly text: string
  readonly file: string
  /** Bytes of UTF-8 before it in its file. */
  readonly offset: number
}

export interface ReadPolicies {
  readonly policies: readonly Policy[]
  readonly diagnostics: readonly Diagnostic[]
}

interface Source {
  readonly name: string
  readonly text: string
}

/** Every policy of every file, or what keeps the files from being read. */
export function readPolicies(files: readonly PolicyFile[]): ReadPolicies {
  const texts = files.flatMap(({ name, text }): Source[] => (text === undefined ? [] : [{ name, text }]))
  const first = files[0]?.name ?? ''
  const total = texts.reduce((sum, { text }) => sum + text.length, 0)
  const diagnostics = [
    ...files.filter(({ text }) => text === undefined).map(({ name }) => tooMuch(name, 'is too large, or is no text')),
    ...(files.length > MAX_FILES
      ? [tooMuch(first, `is one of ${files.length} files; at most ${MAX_FILES} are read`)]
      : []),
    ...(total > MAX_TOTAL ? [tooMuch(first, `has, with the other files, over ${MAX_TOTAL / 1024} KiB`)] : []),
    ...texts.flatMap(limitFindings),
  ]
  return diagnostics.length > 0 ? { policies: [], diagnostics } : { policies: texts.flatMap(policiesIn), diagnostics }
}

function limitFindings({ name, text }: Source): Diagnostic[] {
  if (text.length > MAX_LENGTH) return [tooMuch(name, `has over ${MAX_LENGTH / 1024} KiB`)]
  if (/[\ud800-\udfff]/u.test(text)) return [tooMuch(name, 'is no text: it holds half a character')]
  const code = withoutWords(text)
  if (deepest(code) > MAX_DEPTH) return [tooMuch(name, `nests deeper than ${MAX_DEPTH} brackets`)]
  const operators = code
    .split(';')
    .map((policy) => policy.match(/[&|!<>=+*.?-]|\b(?:in|has|like|is|if)\b/g)?.length ?? 0)
  return operators.some((count) => count > MAX_OPERATORS)
    ? [tooMuch(name, `has a policy of more than ${MAX_OPERATORS} operators`)]
    : []
}

function tooMuch(file: string, what: string): Diagnostic {
  const message = `${file.replace(/^.*\//, '')} ${what}`
  const hint = 'Say it with fewer or shorter policies; until then everything is refused'
  return { file, line: 1, column: 1, code: 'policy/invalid', severity: 'error', message, hint }
}

/** Strings and comments as blanks of the same length; a string runs to its quote, a comment to the end of its line. */
function withoutWords(text: string): string {
  return text.replace(/"(?:[^"\\]|\\[\s\S])*"?|\/\/[^\n]*/g, (words) => words.replace(/[^\n]/g, ' '))
}

function deepest(code: string): number {
  let open = 0
  let most = 0
  for (const character of code) {
    if ('([{'.includes(character)) open += 1
    else if (')]}'.includes(character)) open -= 1
    most = Math.max(most, open)
  }
  return most
}

const encoder = new TextEncoder()

/** A policy ends with `;`, which Cedar's grammar has nowhere else but in strings and comments. */
function policiesIn({ name, text }: Source): Policy[] {
  const policies: Policy[] = []
  let from = 0
  for (const part of withoutWords(text).split(';')) {
    const start = from + part.search(/\S|$/)
    const end = Math.min(from + part.length + 1, text.length)
    from = end
    if (part.trim() === '') continue
    const line = text.slice(0, start).split('\n').length
    policies.push({
      id: uniqueId(policies, `${name.replace(/^.*\//, '')}:${line}`),
      text: text.slice(start, end),
      file: name,
      offset: encoder.encode(text.slice(0, start)).length,
    })
  }
  return policies
}

/** Two policies may begin on one line. */
function uniqueId(policies: readonly Policy[], id: string): string {
  const same = policies.filter((policy) => policy.id === id || policy.id.startsWith(`${id}.`)).length
  return same === 0 ? id : `${id}.${same + 1}`
}

/** Line and column (UTF-16 code units, from 1) of an offset in bytes of UTF-8. */
export function placeOfByte(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = new TextDecoder().decode(encoder.encode(text).subarray(0, offset))
  const lines = before.split('\n')
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}
