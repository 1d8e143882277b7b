/** Text of `.if-board/config.yml` → `Config`: tree, schema, meaning, and the place of everything that is wrong. */
import type { Config, Diagnostic } from '../../model/index.ts'
import { checkSchema } from './check.ts'
import type { Finding } from './finding.ts'
import { checkMeaning, type Settings, toConfig } from './settings.ts'
import { type ConfigTree, pointerTo, readTree } from './tree.ts'

const HINT = 'Correct the file on the coordination branch'
const MAX_DIAGNOSTICS = 100

/** `config` is undefined when any diagnostic is an error. Never throws. */
export function parseConfig(text: string, file: string): { config: Config | undefined; diagnostics: Diagnostic[] } {
  const tree = readTree(text)
  const values = tree.root === undefined ? undefined : withoutEmpty(tree.root)
  const shape = values === undefined ? [] : checkSchema(values)
  const isShaped = values !== undefined && !shape.some(isError)
  const findings = isShaped ? [...shape, ...checkMeaning(values as unknown as Settings)] : shape
  const diagnostics = locate(tree, findings, file)
  const config = isShaped && !diagnostics.some(isError) ? toConfig(values as unknown as Settings) : undefined
  return { config, diagnostics }
}

/** Where a key stands, by its names from the top. */
export function placeOfKey(text: string, names: readonly string[]): { readonly line: number; readonly column: number } {
  const tree = readTree(text)
  return tree.placeOf(tree.offsetOf(names.reduce(pointerTo, ''), 'key'))
}

/** A key without a value counts as left out. */
function withoutEmpty(root: NonNullable<ConfigTree['root']>): Record<string, unknown> {
  const kept: Record<string, unknown> = Object.create(null)
  for (const [key, value] of Object.entries(root)) if (value !== null) kept[key] = value
  return kept
}

function isError({ severity }: Pick<Diagnostic, 'severity'>): boolean {
  return severity === 'error'
}

/** In the order of the text; where the text itself is wrong, nothing else is said of that place. */
function locate(tree: ConfigTree, findings: readonly Finding[], file: string): Diagnostic[] {
  const said = new Set(tree.problems.map(({ offset }) => offset))
  const problems = tree.problems.map((problem) => ({ ...problem, severity: 'error' as const, code: 'config/invalid' }))
  // Hints at spelling can wait until the text can be read as it is meant.
  const located = findings
    .filter((finding) => problems.length === 0 || isError(finding))
    .map(({ pointer, at, ...finding }) => ({ ...finding, offset: tree.offsetOf(pointer, at) }))
    .filter(({ offset }) => offset === 0 || !said.has(offset))
  return [...problems, ...located]
    .sort((a, b) => a.offset - b.offset)
    .slice(0, MAX_DIAGNOSTICS)
    .map(({ offset, code, severity, message }) => ({
      code,
      severity,
      message,
      hint: code === 'config/unknown-key' ? 'Correct its spelling' : HINT,
      file,
      ...tree.placeOf(offset),
    }))
}
