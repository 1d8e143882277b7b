/** What is printed when no known command was typed: help, version, or what was probably meant. */
import { IfBoardError, printable } from '../model/index.ts'
import { type CommandEntry, GROUPS } from './command.ts'
import { COMMANDS } from './commands/index.ts'
import { EXIT } from './exit.ts'
import type { Globals } from './globals.ts'
import { nearest } from './near.ts'
import { runCommand } from './run.ts'
import { answer, type Shell } from './shell.ts'
import { ownVersion } from './version.ts'

export async function withoutCommand(globals: Globals, shell: Shell): Promise<number> {
  if (globals.version) {
    const version = await ownVersion()
    answer(shell, { kind: 'version', version }, () => version)
    return EXIT.ok
  }
  if (globals.command === 'help') return helpAbout(globals, shell)
  if (globals.command === undefined && globals.help) {
    shell.data(overview())
    return EXIT.ok
  }
  const { report } = await import('./report.ts')
  return report(globals.command === undefined ? nothingTyped() : unknownCommand(globals.command), shell)
}

/** `help`, and `help COMMAND`. */
async function helpAbout(globals: Globals, shell: Shell): Promise<number> {
  const topic = globals.rest.find((word) => !word.startsWith('-'))
  const entry = COMMANDS.find(({ name }) => name === topic)
  if (entry !== undefined) {
    return runCommand({ entry, globals: { ...globals, help: true, rest: [] }, commands: COMMANDS }, shell)
  }
  if (topic !== undefined) return (await import('./report.ts')).report(unknownCommand(topic), shell)
  shell.data(overview())
  return EXIT.ok
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length))
  const line = ({ name, summary }: CommandEntry) => `  ${name.padEnd(width)}  ${summary}`
  const groups = GROUPS.flatMap((group) => {
    const members = COMMANDS.filter((entry) => entry.group === group && entry.hidden !== true)
    return members.length === 0 ? [] : [`${group}:`, ...members.map(line), '']
  })
  return `${[
    'if-board <command> [options]',
    '',
    'A task board in git for many coding sessions: one owner per task.',
    '',
    ...groups,
    'Every command: --session NAME, --json, --debug, --help. Options of one: if-board COMMAND --help',
    'Exit: 0 ok, 1 error, 2 usage, 3 nothing ready, 4 lost, 5 refused, 6 findings, 7 unreachable or busy',
    '',
    'Examples:',
    '  if-board next                      the task you hold, or a new one',
    '  if-board next --wait 600           wait up to ten minutes for one',
    '  if-board done --note "see README"  complete it; branch and commit of HEAD are recorded',
  ].join('\n')}\n`
}

function nothingTyped(): IfBoardError {
  return new IfBoardError('usage/invalid', 'no command was typed', { hint: 'if-board --help' })
}

function unknownCommand(typed: string): IfBoardError {
  const near = nearest(
    typed,
    COMMANDS.map(({ name }) => name),
  )
  return new IfBoardError('usage/invalid', `there is no command \`${printable(typed, 40)}\``, {
    hint: `if-board ${near ?? '--help'}`,
  })
}
