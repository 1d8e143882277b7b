/** Diagnostics as compilers print them, so that editors and terminals can jump to the place. Pure. */
import { type Diagnostic, printable, type Severity } from '../../model/index.ts'
import type { LintReport } from '../../workflows/parse-files.ts'
import type { Ink, Page } from './page.ts'
import { plural } from './words.ts'

export function lintText({ diagnostics }: LintReport, page: Page): string {
  if (diagnostics.length === 0) return 'nothing to complain about\n'
  return `${diagnosticLines(diagnostics, page).join('\n')}\n\n${countsOf(diagnostics)}\n`
}

/** `file:line:column: severity: message [code]`, and what to do on a line below it. Never cut: others read it too. */
export function diagnosticLines(diagnostics: readonly Diagnostic[], { ink }: Page): string[] {
  return diagnostics.flatMap(({ file, line, column, severity, message, code, hint }) => [
    `${ink.bold(`${printable(file, 500)}:${line}:${column}:`)} ${paintOf(severity, ink)(`${severity}:`)} ${printable(message, 2000)} ${ink.dim(`[${code}]`)}`,
    ...(hint === undefined ? [] : [ink.dim(`  try: ${printable(hint, 1000)}`)]),
  ])
}

function paintOf(severity: Severity, ink: Ink) {
  if (severity === 'error') return ink.bad
  return severity === 'warning' ? ink.busy : ink.open
}

function countsOf(diagnostics: readonly Diagnostic[]): string {
  const count = (wanted: Severity) => diagnostics.filter(({ severity }) => severity === wanted).length
  const [errors, warnings, notes] = [count('error'), count('warning'), count('info')]
  return [
    ...(errors > 0 ? [plural(errors, 'error')] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
    ...(notes > 0 ? [plural(notes, 'note')] : []),
  ].join(', ')
}
