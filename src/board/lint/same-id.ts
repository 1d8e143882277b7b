import { type BoardName, type Diagnostic, printable, type TaskId } from '../../model/index.ts'
import type { ProjectRule } from './rule.ts'

/** `board/same-id`: a task that two boards call the same is always named by both, but a dependency on it is ambiguous. */
export const sameId: ProjectRule = (boards) => {
  const first = new Map<TaskId, BoardName>()
  return boards.flatMap(({ name, tasks }) =>
    tasks.flatMap((task): Diagnostic[] => {
      const other = first.get(task.id)
      if (other === undefined) first.set(task.id, name)
      if (other === undefined || other === name) return []
      const id = printable(task.id, 60)
      return [
        {
          code: 'board/same-id',
          severity: 'warning',
          message: `\`${id}\` also stands on \`${other}\``,
          hint: `Give one of them another id, or call them \`${other}:${id}\` and \`${name}:${id}\``,
          ...task.place,
        },
      ]
    }),
  )
}
