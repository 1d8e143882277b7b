import { type Diagnostic, type Place, printable } from '../../model/index.ts'
import type { Field } from '../dialects/dialect.ts'
import { MAX_WORDS, valueText } from '../fields.ts'
import { plainText } from '../inline.ts'
import { readRoster } from '../roster.ts'
import { placeAt, type Source, type Span } from '../source.ts'
import type { FileRule } from './rule.ts'

/** What capabilities are called; the governor knows. */
export interface CapabilityWords {
  readonly nameOf: (word: string) => string
  readonly isKnown: (name: string) => boolean
  /** The known name that was probably meant. */
  readonly nearest: (name: string) => string | undefined
}

/** Findings of one file, at most. */
const MAX_FINDINGS = 200

/**
 * `board/unknown-capability`: a word that no vocabulary has. One that lies near a known word is told wherever it
 * stands, as a warning: no session has what nobody can spell. Any other may be meant so, and is told once.
 */
export function capabilities(words: CapabilityWords): FileRule {
  return ({ read }) => {
    const cells = read.tasks.flatMap(({ fields }) => fields.get('capabilities') ?? [])
    return [...unknownWords(read.source, cells, words), ...cells.flatMap((cell) => tooMany(read.source, cell))]
  }
}

/** The same for the roster of `agents.md`. */
export function rosterCapabilities(text: string, words: CapabilityWords): Diagnostic[] {
  const { source, rows } = readRoster(text)
  const cells = rows.flatMap(({ cell }) =>
    cell === undefined ? [] : [{ ...cell, text: text.slice(cell.start, cell.end) }],
  )
  return unknownWords(source, cells, words)
}

type Cell = Pick<Field, 'start' | 'end' | 'text'>

function unknownWords(source: Source, cells: readonly Cell[], words: CapabilityWords): Diagnostic[] {
  const told = new Set<string>()
  const found: Diagnostic[] = []
  for (const cell of cells)
    for (const { start, end } of parts(cell)) {
      const name = words.nameOf(plainText(source.text.slice(start, end), 100))
      if (name === '' || words.isKnown(name) || found.length >= MAX_FINDINGS) continue
      const meant = words.nearest(name)
      if (meant === undefined && told.has(name)) continue
      told.add(name)
      found.push(unknown(name, meant, placeAt(source, start)))
    }
  return found
}

/** Between commas and semicolons, without the blanks around; as many as a task keeps. */
function parts({ start, text }: Cell): Span[] {
  if (valueText(text) === undefined) return []
  const spans: Span[] = []
  for (const found of text.matchAll(/[^,;]+/g)) {
    const word = found[0].trim()
    const at = start + found.index + found[0].indexOf(word)
    if (word !== '') spans.push({ start: at, end: at + word.length })
    if (spans.length === MAX_WORDS) break
  }
  return spans
}

function unknown(name: string, meant: string | undefined, place: Place): Diagnostic {
  const shown = `\`${printable(name, 60)}\``
  const where = { code: 'board/unknown-capability', ...place }
  if (meant !== undefined)
    return {
      ...where,
      severity: 'warning',
      message: `${shown} is no known capability; did you mean \`${meant}\`?`,
      hint: `Write \`${meant}\`, or add ${shown} to governor.capabilities.vocabulary in .if-board/config.yml`,
    }
  return {
    ...where,
    severity: 'info',
    message: `${shown} is no known capability`,
    hint: 'Where it is meant so, add it to governor.capabilities.vocabulary in .if-board/config.yml',
  }
}

/** `board/many-capabilities`: what is beyond the limit would be asked of nobody. */
function tooMany(source: Source, { start, text }: Cell): Diagnostic[] {
  let count = 1
  for (const letter of text) if (letter === ',' || letter === ';') count += 1
  if (count <= MAX_WORDS) return []
  return [
    {
      code: 'board/many-capabilities',
      severity: 'warning',
      message: `${count} capabilities stand in one cell; the first ${MAX_WORDS} count`,
      hint: 'Name what the task cannot be done without, or split the task',
      ...placeAt(source, start),
    },
  ]
}
