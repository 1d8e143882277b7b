/** `parse`: what is understood of a file, and what is not. Pure. */
import type { TaskList } from '../../workflows/views.ts'
import { diagnosticLines } from './lint.ts'
import { taskTable } from './list.ts'
import type { Page } from './page.ts'

export function parseText({ tasks, diagnostics }: TaskList, page: Page): string {
  const lines = [
    ...(tasks.length === 0 ? ['no task found'] : taskTable(tasks, page)),
    ...(diagnostics.length === 0 ? [] : ['', ...diagnosticLines(diagnostics, page)]),
  ]
  return `${lines.join('\n')}\n`
}
