/**
 * Findings about texts as SARIF 2.1.0 (OASIS Standard, 27 March 2020), for code hosts. Pure.
 *
 * Sections: 3.14 run (columnKind), 3.19 toolComponent, 3.27 result (ruleIndex, level), 3.28 location,
 * 3.4 artifactLocation (uri: RFC 3986), 3.30 region, 3.49 reportingDescriptor.
 */
import { LINT_CODES } from '../../board/lint/codes.ts'
import type { Diagnostic } from '../../model/index.ts'

const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const

export function sarif(diagnostics: readonly Diagnostic[], version: string) {
  const codes = [...new Set(diagnostics.map(({ code }) => code))].sort()
  const indices = new Map(codes.map((code, index) => [code, index]))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'if-board', version, rules: codes.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map((one) => ({ ...resultOf(one), ruleIndex: indices.get(one.code) })),
      },
    ],
  }
}

function ruleOf(code: string) {
  const known = LINT_CODES[code]
  if (known === undefined) return { id: code }
  const { title, means, mend, severity } = known
  return {
    id: code,
    shortDescription: { text: title },
    fullDescription: { text: means },
    help: { text: `${means} ${mend}`, markdown: `${means}\n\n**To mend it:** ${mend}` },
    defaultConfiguration: { level: LEVELS[severity] },
  }
}

function resultOf({ code, severity, file, line, column, message, hint }: Diagnostic) {
  return {
    ruleId: code,
    level: LEVELS[severity],
    message: { text: plain(hint === undefined ? message : `${message}. ${hint}`) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file) },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
  }
}

/** `[text](target)` in a message is a link (3.11.6), and what a board says must not become one. */
function plain(text: string): string {
  return text.replaceAll('](', '] (')
}

/** A relative path stays relative to where the command ran; an absolute one becomes a `file:` address. */
function uriOf(file: string): string {
  const path = /^[a-z]:\\|^\\\\/i.test(file) || file.includes('\\') ? file.replaceAll('\\', '/') : file
  const escaped = path.replace(/^\.\//, '').split('/').map(encodeURIComponent).join('/')
  if (/^[a-z]%3A\//i.test(escaped)) return `file:///${escaped.replace('%3A', ':')}`
  return escaped.startsWith('/') ? `file://${escaped}` : escaped
}
