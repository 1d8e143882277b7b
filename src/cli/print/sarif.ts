/** Findings about texts as SARIF 2.1.0, for code hosts. Pure. */
import type { Diagnostic } from '../../model/index.ts'

const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const

/** OASIS SARIF 2.1.0, section 3: the least that a code host shows. */
export function sarif(diagnostics: readonly Diagnostic[]) {
  const rules = [...new Set(diagnostics.map(({ code }) => code))].map((id) => ({ id }))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'if-board', rules } },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map(({ code, severity, file, line, column, message }) => ({
          ruleId: code,
          level: LEVELS[severity],
          message: { text: message },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/') },
                region: { startLine: line, startColumn: column },
              },
            },
          ],
        })),
      },
    ],
  }
}
