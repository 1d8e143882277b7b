/**
 * The fleet of the `governor` section: who can do what at which price, and what the tasks of the recorded board need.
 *
 * The board does not say what its tasks need, so the needs are added here by hand, from its titles and deliverables; the
 * seven sessions are those of the record, with the skills that their names and tasks tell. Prices are made up, in a
 * ratio of 1 to 5 as between small and large models.
 */

export interface Role {
  readonly name: string
  readonly can: readonly string[]
  readonly usdPerHour: number
  /** From its so many-th task on, every task fails, at ten times the price: the spiral that a breaker must cut. */
  readonly spiralsFrom?: number
}

export const FLEET: readonly Role[] = [
  { name: 'session-1', can: ['integration:ndi', 'docs:technical-writing', 'docs:tutorials'], usdPerHour: 2 },
  { name: 'session-2', can: ['integration:webrtc', 'code-analysis:javascript', 'testing:unit'], usdPerHour: 4 },
  {
    name: 'session-3',
    can: ['integration:h323', 'docs:technical-writing', 'testing:integration', 'testing:performance'],
    usdPerHour: 4,
    spiralsFrom: 3,
  },
  {
    name: 'session-4',
    can: ['integration:sip', 'code-analysis:python', 'testing:integration', 'testing:performance', 'testing:security'],
    usdPerHour: 6,
  },
  { name: 'session-5', can: ['cli:design', 'cli:testing', 'code-analysis:python', 'docs:api-design'], usdPerHour: 3 },
  {
    name: 'session-6',
    can: ['code-analysis:python', 'architecture:security', 'security:compliance', 'infra:cloud'],
    usdPerHour: 10,
  },
  {
    name: 'session-7',
    can: ['code-analysis:python', 'infra:distributed-systems', 'architecture:patterns', 'devops:monitoring'],
    usdPerHour: 8,
  },
]

/** First pattern that matches an id and title wins. */
const NEEDS: readonly (readonly [pattern: RegExp, needs: readonly string[]])[] = [
  [/^P0\.1\.4 /, ['testing:performance']],
  [/^P0\.[123]\.\d .*integration tests/i, ['testing:integration', 'code-analysis:python']],
  [/^P0\.3\.6 /, ['testing:security']],
  [/^P0\.1\.[67] /, ['code-analysis:python', 'architecture:security']],
  [/^P0\.1\./, ['infra:distributed-systems', 'code-analysis:python']],
  [/^P0\.2\.5 /, ['architecture:patterns', 'code-analysis:python']],
  [/^P0\.2\./, ['code-analysis:python']],
  [/^P0\.3\.3 /, ['architecture:security', 'code-analysis:python']],
  [/^P0\.3\.4 /, ['devops:monitoring', 'code-analysis:python']],
  [/^P0\.3\./, ['code-analysis:python']],
  [/^P0\.4\./, ['cli:design', 'code-analysis:python']],
  [/^P0\.5\./, ['docs:technical-writing']],
  [/\bdocs?\b|documentation|runbook|NOVICE|IMPROVEMENTS|catalog/i, ['docs:technical-writing']],
  [/security/i, ['architecture:security']],
  [/test|fixtures|mock/i, ['testing:integration']],
  [/CLI|UX|config file/i, ['cli:design']],
]

/** The board with one more column, `Needs`, in each table that has ids. */
export function withNeeds(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      if (!line.startsWith('|')) return line
      const end = line.trimEnd()
      if (/^\|\s*ID\s*\|/.test(line)) return `${end} Needs |`
      if (/^\|[\s:|-]+\|$/.test(end)) return `${end}---|`
      const [, id, title] = /^\|\s*([PF]\d[\d.]*)\s*\|\s*([^|]*?)\s*\|/.exec(line) ?? []
      return id === undefined ? line : `${end} ${needsOf(`${id} ${title}`).join(', ')} |`
    })
    .join('\n')
}

function needsOf(task: string): readonly string[] {
  return NEEDS.find(([pattern]) => pattern.test(task))?.[1] ?? []
}

/** Part of what the task needs that the role has; 1 where it needs nothing. */
export function truth({ can }: Role, needs: readonly string[]): number {
  return needs.length === 0 ? 1 : needs.filter((need) => can.includes(need)).length / needs.length
}
