import { type Diagnostic, printable } from '../../model/index.ts'
import { parseJob } from '../../model/job.ts'
import { jobText } from '../fields.ts'
import { placeAt } from '../source.ts'
import type { FileRule } from './rule.ts'

/** Findings of one file, at most. */
const MAX_FINDINGS = 200

/** `board/unknown-check`: a check or body that names nothing. The task cannot be completed, or not be run. */
export const jobs: FileRule = ({ read }) =>
  read.tasks
    .flatMap(({ id, fields }) =>
      (['check', 'run'] as const).flatMap((name): Diagnostic[] => {
        const field = fields.get(name)
        const text = jobText(field?.text)
        const parsed = text === undefined ? undefined : parseJob(text)
        if (field === undefined || parsed?.kind !== 'malformed') return []
        return [
          {
            code: 'board/unknown-check',
            severity: 'error',
            message: `the ${name} of \`${printable(id, 60)}\` is not understood: ${parsed.reason}`,
            hint: 'Write `js:PATH#sha256=HEX`, `wasm:PATH#sha256=HEX` or `cmd:WORDS` (docs/checks.md)',
            ...placeAt(read.source, field.start),
          },
        ]
      }),
    )
    .slice(0, MAX_FINDINGS)
