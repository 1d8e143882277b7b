/** Findings about all boards together. Cycles and dependencies that lead nowhere are the graph's to find. */
import { type BoardName, type Diagnostic, type ParsedBoard, printable, type TaskId } from '../model/index.ts'

/**
 * What each board's own reading found (duplicate ids, unknown statuses, lines over a limit), and ids
 * that two boards share: such a task is always called by board and id, but a dependency on it is
 * ambiguous. Sorted by board, then by place. `sources` are the texts, for rules that count in prose.
 */
export function lintProject(boards: readonly ParsedBoard[], _sources: ReadonlyMap<BoardName, string>): Diagnostic[] {
  const first = new Map<TaskId, BoardName>()
  const findings: Diagnostic[] = []
  for (const { board, diagnostics } of boards) {
    const own: Diagnostic[] = [...diagnostics]
    for (const task of board.tasks) {
      const other = first.get(task.id)
      if (other === undefined) first.set(task.id, board.name)
      else if (other !== board.name)
        own.push({
          code: 'board/same-id',
          severity: 'warning',
          message: `\`${printable(task.id, 60)}\` also stands on \`${other}\``,
          hint: `Give one of them another id, or call them \`${other}:${printable(task.id, 60)}\` and \`${board.name}:${printable(task.id, 60)}\``,
          ...task.place,
        })
    }
    findings.push(...own.sort((a, b) => a.line - b.line || a.column - b.column))
  }
  return findings
}
