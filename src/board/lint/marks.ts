import type { Diagnostic } from '../../model/index.ts'
import { placeAt } from '../source.ts'
import { type FileRule, sliceOf, visibleLines } from './rule.ts'

/** `board/conflict`: the marks of a merge around lines. (Those within a cell are found where the cell is read.) */
export const marks: FileRule = ({ read }) => {
  const findings: Diagnostic[] = []
  for (const line of visibleLines(read))
    if (/^[|\s]*<{7} (?!.*={7})/.test(sliceOf(read.document.source, line).slice(0, 2000)))
      findings.push({
        code: 'board/conflict',
        severity: 'error',
        message: 'a merge left two versions of these lines',
        hint: 'Keep what is right of both, and take the lines with the marks out',
        ...placeAt(read.source, line.start),
      })
  return findings
}
