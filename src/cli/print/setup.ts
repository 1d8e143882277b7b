/** `init`, `uninstall` and `doctor` as text. Pure. */
import { printable } from '../../model/index.ts'
import type { DoctorReport } from '../../workflows/doctor.ts'
import type { InitReport } from '../../workflows/init.ts'
import type { UninstallOutcome } from '../../workflows/uninstall.ts'
import { plural } from './words.ts'

const KINDS = {
  made: ['The board was made', 'A board would be made'],
  joined: ['This clone takes part in the board', 'This clone would take part in the board'],
  rebound: ['This clone follows the board to its new place', 'This clone would follow the board to its new place'],
  unchanged: ['This clone took part already', 'This clone takes part already'],
} as const

export function initText(report: InitReport): string {
  const { mode, kind, authority, branch, hub, made, boards, publicAt, candidates, next } = report
  const dry = mode === 'dry-run'
  const place =
    authority.kind === 'remote'
      ? `the branch ${branch} at ${authority.name} (${printable(authority.url, 300)})`
      : `the branch ${branch} in this clone alone (${printable(authority.hub, 300)})`
  const lines = [`${KINDS[kind][dry ? 1 : 0]}: ${place}.`]
  if (!dry) lines.push(`Coordination refs of this clone: ${printable(hub, 300)}`)
  if (made.length > 0) lines.push(`Files made on the branch: ${printable(made.join(', '), 600)}`)
  for (const board of boards) lines.push(boardLine(board, dry))
  if (report.refs === 'heads') lines.push('The server takes branches only, so claims are branches below if-board/.')
  for (const { name, fingerprint, kind: pinned } of report.operators)
    lines.push(`${PINNED[pinned][dry ? 1 : 0]}: ${name} (${fingerprint}).`)
  if (publicAt !== undefined)
    lines.push(`Whoever can read ${printable(publicAt, 300)} can read board, sessions and claims.`)
  if (candidates.length > 0) lines.push('Found, and not used:')
  for (const { path, command } of candidates) lines.push(`  ${printable(path, 200)}: ${printable(command, 300)}`)
  lines.push('Next:', ...next.map((line) => `  ${printable(line, 300)}`))
  return lines.join('\n')
}

const PINNED = {
  pinned: ['This clone believes the grants of', 'This clone would believe the grants of'],
  already: ['Was pinned already', 'Is pinned already'],
} as const

function boardLine({ path, board, kind, tasks, original }: InitReport['boards'][number], dry: boolean): string {
  const count = tasks === undefined ? '' : `, ${plural(tasks, 'task')}`
  const name = `${printable(path, 200)} → ${printable(board, 200)}`
  const gone = original === 'removed' ? '; the original left the work tree, commit that yourself' : ''
  switch (kind) {
    case 'added':
      return `${dry ? 'Would be copied' : 'Copied'}: ${name}${count}${gone}`
    case 'planned':
      return `Would be copied unless it is there: ${name}${count}`
    case 'present':
      return `There already: ${name}${count}${gone}`
    case 'differs':
      return `Not copied: ${name}: the branch has another text under that name and keeps it`
  }
}

export function uninstallText(outcome: UninstallOutcome): string {
  switch (outcome.kind) {
    case 'nothing':
      return 'This clone has nothing of if-board.'
    case 'only-copy':
      return [
        'This clone holds the only copy of the board, so nothing was removed:',
        ...listed(outcome.folders),
        `To remove it and keep a copy in a file: ${outcome.next}`,
      ].join('\n')
    case 'removed': {
      const { folders, backup, atRemote } = outcome
      return [
        'Removed:',
        ...listed(folders),
        ...(backup === undefined ? [] : [`Kept: ${printable(backup.file, 300)}`, `  read it again: ${backup.restore}`]),
        ...(atRemote.length === 0 ? [] : ['Branch and refs at the remote are everybody’s. To see and to remove them:']),
        ...listed(atRemote),
      ].join('\n')
    }
  }
}

export function doctorText({ checks, mended }: DoctorReport): string {
  const wrong = checks.filter(({ ok }) => !ok).length
  return [
    ...checks.flatMap(({ name, ok, message, hint }) => [
      `${ok ? 'ok   ' : 'WRONG'} ${name}: ${printable(message, 1000)}`,
      ...(hint === undefined || ok ? [] : [`      try: ${printable(hint, 500)}`]),
    ]),
    ...mended.map((line) => `mended: ${printable(line, 500)}`),
    wrong === 0 ? 'Nothing is wrong here.' : `${plural(wrong, 'check')} failed.`,
  ].join('\n')
}

function listed(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${printable(line, 500)}`)
}
