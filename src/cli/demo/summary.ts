/** What the demo found, as text and as JSON. */
export interface DemoSummary {
  readonly folder: string
  readonly remote: string
  readonly seconds: number
  /** Completions per session. */
  readonly owners: ReadonlyMap<string, number>
  readonly tasks: number
  readonly done: number
  readonly completions: number
  readonly duplicates: number
  readonly racesLost: number
  readonly claims: number
  /** Of completions, by their checks. */
  readonly checks: { readonly passed: number; readonly refused: number }
  /** Tasks that their bodies did. */
  readonly bodies: number
  readonly pushes: number
}

export function renderSummary(summary: DemoSummary): string {
  const { tasks, done, completions, duplicates, racesLost, pushes, claims, seconds, remote } = summary
  const { checks, bodies } = summary
  const ran = checks.passed + checks.refused + bodies > 0
  const most = Math.max(1, ...summary.owners.values())
  const owners = [...summary.owners].map(
    ([name, count]) =>
      `    ${name.padEnd(10)} ${String(count).padStart(3)}  ${'▇'.repeat(Math.round((20 * count) / most))}`,
  )
  return [
    '',
    `  tasks        ${done} of ${tasks} done`,
    `  completions  ${completions}, ${duplicates} of them duplicates`,
    `  races lost   ${racesLost}`,
    ...(ran
      ? [
          `  checks       ${checks.passed} passed, ${checks.refused} refused before; ${bodies} task done without a session`,
        ]
      : []),
    `  pushes       ${pushes}, for ${claims} claims, ${completions} completions, beats and folds`,
    `  time         ${seconds.toFixed(1)} s`,
    '  owners',
    ...owners,
    '',
    '  Where to look:',
    `    git --git-dir=${remote} show if-board/main:TASK-BOARD.md`,
    `    git --git-dir=${remote} log --notes=if-witness if-board/main`,
    '',
  ].join('\n')
}

export function summaryJson(summary: DemoSummary): Record<string, unknown> {
  return { schema: 'if-board/v1', kind: 'demo', ...summary, owners: Object.fromEntries(summary.owners) }
}
