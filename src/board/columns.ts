/** Names of fields as people write them over columns and in front of values. */
import type { FieldName } from './dialects/dialect.ts'
import { plainText } from './inline.ts'

export type ColumnName = FieldName | 'id' | 'title'

/** What a field is called where a board has no place for it yet. */
export const FIELD_TITLES: Readonly<Record<FieldName, string>> = {
  status: 'Status',
  dependencies: 'Dependencies',
  owner: 'Owner',
  description: 'Description',
  deliverable: 'Deliverable',
  estimate: 'Estimate',
  model: 'Model',
  priority: 'Priority',
  capabilities: 'Capabilities',
  budget: 'Budget',
  check: 'Check',
  run: 'Run',
}

const SYNONYMS: readonly (readonly [ColumnName, readonly string[]])[] = [
  ['id', ['id', 'task id', 'taskid', '#']],
  ['title', ['task', 'title', 'name']],
  ['description', ['description']],
  ['status', ['status', 'state']],
  [
    'dependencies',
    [
      'dependencies',
      'dependency',
      'depends',
      'depends on',
      'deps',
      'blocked by',
      'blocked until',
      'prerequisites',
      'prerequisite',
    ],
  ],
  ['owner', ['owner', 'session', 'assignee', 'claimed by', 'assigned to']],
  ['deliverable', ['deliverable', 'deliverables', 'output']],
  ['estimate', ['est', 'estimate', 'effort', 'timeline']],
  ['model', ['model']],
  ['priority', ['priority']],
  ['capabilities', ['capabilities', 'needs', 'skills']],
  ['budget', ['budget']],
  ['check', ['check']],
  ['run', ['run']],
]
const COLUMN_OF = new Map(SYNONYMS.flatMap(([column, words]) => words.map((word) => [word, column] as const)))

/** What a label or a header cell names; `Est. (h)` and `**Depends On**` are read like `est` and `depends on`. */
export function columnNamed(markdown: string): ColumnName | undefined {
  const words = plainText(markdown, 60)
    .replace(/\([^()]*\)/g, ' ')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}#]+/gu, ' ')
    .trim()
  return COLUMN_OF.get(words)
}
