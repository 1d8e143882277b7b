import { type Diagnostic, printable } from '../../model/index.ts'

const NAME = 'agents.md'

/**
 * `board/two-agents-files`: files of one folder whose names differ in case alone. Where names ignore case
 * one of them hides the other, and elsewhere every tool reads the one that it looks for.
 */
export function agentsFiles(paths: readonly string[]): Diagnostic[] {
  const groups = new Map<string, string[]>()
  for (const path of paths) {
    const folded = path.toLowerCase()
    if (folded !== NAME && !folded.endsWith(`/${NAME}`)) continue
    const group = groups.get(folded)
    if (group === undefined) groups.set(folded, [path])
    else group.push(path)
  }
  return [...groups.values()].flatMap((group): Diagnostic[] => {
    const [first = '', ...others] = [...new Set(group)].sort()
    if (others.length === 0) return []
    const names = others.map((path) => `\`${printable(path, 200)}\``).join(' and ')
    return [
      {
        code: 'board/two-agents-files',
        severity: 'warning',
        message: `\`${printable(first, 200)}\` stands beside ${names}: which one is read depends on the tool and the system`,
        hint: 'Bring what they say into one file, and keep that one',
        file: first,
        line: 1,
        column: 1,
      },
    ]
  })
}
