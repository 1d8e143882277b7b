/** What is printed when no known command was typed: help, version, or what was probably meant. */
import { IfBoardError, printable } from '../model/index.ts'
import { nearest } from '../model/near.ts'
import { type CommandEntry, GROUPS } from './command.ts'
import { COMMANDS } from './commands/index.ts'
import { EXIT } from './exit.ts'
import { type Globals, withSecondWord } from './globals.ts'
import { isFamily, lookUp, runCommand } from './run.ts'
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
  if (globals.command === undefined) return misuse(nothingTyped(), shell)
  const longer = isFamily(globals.command, COMMANDS) ? withSecondWord(globals) : undefined
  if (longer !== undefined) return misuse(unknownCommand(longer.command ?? ''), shell)
  return familyOrUnknown(globals.command, shell)
}

/** `help`, `help COMMAND`, and `help` with the first word or both words of a command that has two. */
async function helpAbout(globals: Globals, shell: Shell): Promise<number> {
  const topic = globals.rest.filter((word) => !word.startsWith('-')).slice(0, 2)
  if (topic.length === 0) {
    shell.data(overview())
    return EXIT.ok
  }
  const [first = '', second = ''] = topic
  const asked = { ...globals, command: first, rest: topic.slice(1), help: true }
  const typed = lookUp(asked, COMMANDS)
  if (typed !== undefined) return runCommand({ ...typed, globals: { ...typed.globals, rest: [] } }, shell)
  return isFamily(first, COMMANDS) && second !== ''
    ? misuse(unknownCommand(`${first} ${second}`), shell)
    : familyOrUnknown(first, shell)
}

async function familyOrUnknown(word: string, shell: Shell): Promise<number> {
  if (!isFamily(word, COMMANDS)) return misuse(unknownCommand(word), shell)
  shell.data(familyText(word))
  return EXIT.ok
}

async function misuse(error: IfBoardError, shell: Shell): Promise<number> {
  return (await import('./report.ts')).report(error, shell)
}

function familyText(word: string): string {
  const members = COMMANDS.filter(({ name, hidden }) => name.startsWith(`${word} `) && hidden !== true)
  return `${[
    `if-board ${word} <command> [options]`,
    '',
    ...commandLines(members),
    '',
    `Options of one: if-board ${word} COMMAND --help`,
  ].join('\n')}\n`
}

function commandLines(
  entries: readonly CommandEntry[],
  width = Math.max(...entries.map(({ name }) => name.length)),
): string[] {
  return entries.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length))
  const groups = GROUPS.flatMap((group) => {
    const members = COMMANDS.filter((entry) => entry.group === group && entry.hidden !== true)
    return members.length === 0 ? [] : [`${group}:`, ...commandLines(members, width), '']
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

/** Words apart, so that a slip in the second one is seen among the commands of its family. */
function unknownCommand(typed: string): IfBoardError {
  const [first = '', second] = typed.split(' ')
  const prefix = second === undefined ? '' : `${first} `
  const words = COMMANDS.filter(({ name }) => name.startsWith(prefix)).map(
    ({ name }) => name.slice(prefix.length).split(' ')[0] ?? '',
  )
  const near = nearest(second ?? first, words)
  const fallback = second === undefined ? '--help' : `${prefix}--help`
  return new IfBoardError('usage/invalid', `there is no command \`${printable(typed, 40)}\``, {
    hint: `if-board ${near === undefined ? fallback : `${prefix}${near}`}`,
  })
}
