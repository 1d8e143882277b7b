/** What `init --agents` and `uninstall` did with files of coding tools. Pure. */
import { printable } from '../../model/index.ts'
import type { AgentsReport } from '../../workflows/agents/install.ts'

const KINDS = {
  made: ['Made', 'Would be made'],
  changed: ['Changed', 'Would be changed'],
  removed: ['Removed', 'Would be removed'],
} as const

/** Nothing where nothing was asked for, and nothing is there. */
export function agentsText({ mode, tools, files, leftAlone }: AgentsReport): string {
  const dry = mode === 'dry-run'
  const lines: string[] = []
  if (tools.length > 0) lines.push(`Coding tools: ${tools.join(', ')}`)
  for (const { path, kind, diff } of files) {
    lines.push(`${KINDS[kind][dry ? 1 : 0]}: ${printable(path, 300)}`)
    if (dry) lines.push(...diff.map((line) => `  ${printable(line, 500)}`))
  }
  for (const { path, message } of leftAlone)
    lines.push(`Left alone: ${printable(path, 300)}: ${printable(message, 300)}. Mend it, then say it again.`)
  if (tools.length > 0 && !dry) lines.push(...NEXT)
  return lines.join('\n')
}

const NEXT = [
  'These files are yours to commit. They call `if-board` from PATH.',
  'Tools ask you to trust hooks once: start the tool here and say yes (in Codex: /hooks). Then: if-board doctor',
]

export function agentsJson({ tools, files, leftAlone }: AgentsReport) {
  return { tools, files, leftAlone }
}
