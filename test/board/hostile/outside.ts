/** Hostile texts of other files that come from outside, each read to a word that says how it was taken. */

import { parseConfig } from '../../../src/board/config.ts'
import { diffBoards } from '../../../src/board/diff.ts'
import { parsePins, parseRoster, readImport, splitGenerated } from '../../../src/board/index.ts'
import { mergeBoards } from '../../../src/board/merge/index.ts'
import { parseBoard } from '../../../src/board/parse.ts'
import { parseStateShard } from '../../../src/claim/index.ts'
import { IfBoardError, toBoardName } from '../../../src/model/index.ts'
import { sampledDear } from '../../support/sampled.ts'

export interface HostileFile {
  readonly name: string
  readonly read: () => Promise<string> | string
  /** What `read` answers. */
  readonly answers: RegExp
}

const MIB = 1024 * 1024
const board = toBoardName('board.md')
const GOOD = 'boards: [a.md]\nboardId: 0123456789abcdef0123456789abcdef\nauthority: local\n'
const STATE = '{"failures":0,"grants":1,"key":"a.md:A1","shown":"done"}\n'

function lines(count: number, line: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => line(at)).join('\n')
}

/** `read`, or the codes of what was found. */
function config(text: string): string {
  const { config: read, diagnostics } = parseConfig(text, 'config.yml')
  return read === undefined ? [...new Set(diagnostics.map(({ code }) => code))].join() : 'read'
}

function state(text: string): string {
  try {
    return `${parseStateShard(text, 'state/00').length} lines`
  } catch (error) {
    if (error instanceof IfBoardError) return error.code
    throw error
  }
}

const pins = (text: string): string => `${parsePins(text).pins.length} pins`
const roster = (text: string): string => `${parseRoster(text).length} sessions`

function imported(text: string, file: string): string {
  const { tasks, diagnostics } = readImport(text, file, undefined)
  return `${tasks.length} tasks, ${[...new Set(diagnostics.map(({ code }) => code))].join()}`
}

function diff(before: string, after: string): string {
  const [old, now] = [before, after].map((text) => parseBoard(text, board).board)
  return old === undefined || now === undefined ? '' : `${diffBoards(old, now).length} changes`
}

/** Git's own part is left out: it is given three texts and answers ours. */
async function merged(base: string, ours: string, theirs: string): Promise<string> {
  const { text, conflicts } = await mergeBoards({ base, ours, theirs }, async (texts) => texts.ours)
  return `${text.length > 0 ? 'text' : 'nothing'}, ${conflicts.length} conflicts`
}

const rows = (count: number, word: string) =>
  `| ID | Task | Status |\n|----|------|--------|\n${lines(count, (at) => `| A${at} | ${word} ${at} | OPEN |`)}\n`
/** As long as a board may be, and refused by the number of its lines. */
const huge = (word: string) => rows(1, word) + `${word}\n`.repeat(Math.floor((8 * MIB - 100) / (word.length + 1)))
const long = (word: string) => `${rows(500, word)}\n${`${word} `.repeat(1000)}\n`.repeat(1000)

const CONFIG: readonly HostileFile[] = [
  [
    'aliases of aliases',
    `${GOOD}a: &a [x, x]\n${lines(30, (at) => `b${at}: &b${at} [*a, *a]`)}\n`,
    /^(?:read|config\/invalid)$/,
  ],
  ['aliases in a value that is read', `x: &x [a.md]\n${GOOD.replace('[a.md]', '*x')}`, /config\/invalid/],
  ['a merge key', `x: &x {leaseMinutes: 1}\n${GOOD}<<: *x\n`, /^(?:read|config\/invalid)$/],
  ['a tag that makes an object', `${GOOD}leaseMinutes: !!js/function 'x'\n`, /config\/invalid/],
  ['300 KiB', GOOD + '#'.repeat(300 * 1024), /config\/invalid/],
  ['lists nested 10,000 deep', `${GOOD}doNotTouch: ${'['.repeat(10_000)}`, /config\/invalid/],
  ['maps nested 3,000 deep by indentation', GOOD + lines(3000, (at) => `${' '.repeat(at)}a:`), /config\/invalid/],
  ['20,000 keys', GOOD + lines(20_000, (at) => `k${at}: 1`), /^read$/],
  ['20,000 patterns', GOOD.replace('[a.md]', `[${'"**/*.md",'.repeat(20_000)}]`), /config\/invalid|read/],
  ['a pattern of stars', GOOD.replace('a.md', `"${'**/'.repeat(2000)}*.md"`), /config\/invalid|read/],
  ['keys named after the prototype', `${GOOD}__proto__: {authority: remote}\nconstructor: 1\n`, /^read$/],
  ['wrong types', 'boards: {a: 1}\nboardId: 7\nauthority: [local]\nfold: 3\n', /config\/invalid/],
  ['numbers that are none', `${GOOD}leaseMinutes: .inf\nmaxTasks: -1\nfold: {every: 1e400}\n`, /config\/invalid/],
  ['a key twice', `${GOOD}authority: remote\n`, /config\/invalid/],
  ['NUL bytes', '\0'.repeat(1000), /config\/invalid/],
  ['a block scalar that never ends', `${GOOD}x: |\n${' a\n'.repeat(60_000)}`, /^read$/],
].map(([name, text, answers]) => file(`config.yml: ${name}`, () => config(text as string), answers as RegExp))

const STATES: readonly HostileFile[] = [
  ['a line that is cut', STATE.slice(0, 30), /state\/invalid/],
  ['one task twice', STATE + STATE, /state\/invalid/],
  ['8 MiB on one line', `{"key":"${'a'.repeat(8 * MIB)}"}`, /state\/invalid/],
  ['lists nested 100,000 deep', '['.repeat(100_000), /state\/invalid/],
  [
    'the prototype as key',
    '{"__proto__":{"key":"a.md:A1"},"failures":0,"grants":1,"shown":"done"}\n',
    /state\/invalid/,
  ],
  ['counts that are none', STATE.replace('"grants":1', '"grants":1e999'), /state\/invalid/],
  ['a million blank lines', '\n'.repeat(1_000_000), /^0 lines$/],
  ['40,000 lines', lines(40_000, (at) => STATE.replace('A1', `A${at}`).trim()), /^40000 lines$/],
].map(([name, text, answers]) => file(`state: ${name}`, () => state(text as string), answers as RegExp))

const OTHERS: readonly HostileFile[] = [
  file('pins: a million lines', () => pins('Session 4: Your next task is P0.2.5\n'.repeat(1_000_000)), /^500 pins$/),
  file('pins: one line of 8 MiB', () => pins(`Session 4: next ${'P1 or '.repeat(1_400_000)}`), /^\d{1,3} pins$/),
  file('pins: a line of colons', () => pins(`Session 4${' :'.repeat(30_000)} next`), /^0 pins$/),
  file('pins: a fence that never closes', () => pins(`\`\`\`\n${'Session 4: next P1\n'.repeat(10_000)}`), /^0 pins$/),
  file(
    'pins: marks of the generated part by the thousand',
    () => `${splitGenerated('<!-- if-board:generated:start -->\n'.repeat(100_000)).head.length}`,
    /^\d+$/,
  ),
  file(
    'agents.md: a roster of 20,000',
    () => roster(`## Roster\n\n| Session | Capabilities | Model |\n|-|-|-|\n${'| s | a, b | any |\n'.repeat(20_000)}`),
    /^\d+ sessions$/,
  ),
  file(
    'agents.md: 8 MiB of one cell',
    () => roster(`| Session | Model |\n|-|-|\n| ${'s'.repeat(8 * MIB)} | any |\n`),
    /^0 sessions$/,
  ),
  file(
    'agents.md: capabilities by the thousand',
    () => roster(`| Session | Capabilities | Model |\n|-|-|-|\n| s | ${'a:b, '.repeat(12_000)} | any |\n`),
    /^1 sessions$/,
  ),
  file(
    'tasks.json: nested 100,000 deep',
    () => imported('{"tasks":['.repeat(100_000), 'tasks.json'),
    /^0 tasks, import\/not-understood$/,
  ),
  file(
    'tasks.json: the prototype everywhere',
    () =>
      imported(
        '{"tasks":[{"__proto__":{"id":1},"id":"__proto__","title":"x","dependencies":["constructor"]}]}',
        'tasks.json',
      ),
    /^[01] tasks/,
  ),
  file(
    'tasks.json: 9 MiB',
    () => imported(`{"tasks":["${'x'.repeat(9 * MIB)}"]}`, 'tasks.json'),
    /^0 tasks, import\/not-understood$/,
  ),
  file(
    'tasks.json: subtasks in subtasks',
    () => imported(`{"tasks":[${'{"id":1,"title":"x","subtasks":['.repeat(500)}${']}'.repeat(500)}]}`, 'tasks.json'),
    /^\d+ tasks/,
  ),
  file(
    'issues.jsonl: 60,000 lines that are no JSON',
    () => imported('{\n'.repeat(60_000), 'issues.jsonl'),
    /^0 tasks, /,
  ),
  file(
    'issues.jsonl: 20,000 issues of one id',
    () => imported('{"id":"a-1","title":"x","status":"open"}\n'.repeat(20_000), 'issues.jsonl'),
    /^1 tasks, /,
  ),
  file('todo.txt: one line of 8 MiB', () => imported(`x ${'+a @b c:d '.repeat(700_000)}`, 'todo.txt'), /^[01] tasks, /),
  file(
    'todo.txt: 100,000 lines',
    () => imported('(A) 2031-01-01 do +it @now due:2031-02-02\n'.repeat(100_000), 'todo.txt'),
    /^\d+ tasks, /,
  ),
  file(
    'github: a list of one line of 7 MiB',
    () => imported(`- [ ] ${'#1 '.repeat(2_400_000)}`, 'list.md'),
    /^[01] tasks, /,
  ),
  file('diff: two boards of 8 MiB', () => diff(huge('one'), huge('other')), /^0 changes$/),
  file(
    'diff: two boards of 10,000 rows in reverse',
    () =>
      diff(rows(10_000, 'one'), `${rows(0, '')}${rows(10_000, 'one').split('\n').slice(2, -1).reverse().join('\n')}\n`),
    /^\d+ changes$/,
  ),
  file('merge: three boards of 8 MiB', () => merged(huge('one'), huge('two'), huge('six')), /^text, /),
  file(
    'merge: three boards of 5 MiB with one table each',
    () => merged(long('one'), long('two'), long('six')),
    /^text, /,
  ),
  file(
    'merge: 5,000 rows, all changed on both sides',
    () => merged(rows(5000, 'one'), rows(5000, 'two'), rows(5000, 'six')),
    /^text, \d+ conflicts$/,
  ),
  file(
    'merge: a base of conflict marks',
    () => merged('<<<<<<< a\n'.repeat(10_000), '=======\n'.repeat(10_000), '>>>>>>> b\n'.repeat(10_000)),
    /^text, /,
  ),
]

function file(name: string, read: HostileFile['read'], answers: RegExp): HostileFile {
  return { name, read, answers }
}

export const HOSTILE_FILES: readonly HostileFile[] = [...CONFIG, ...STATES, ...OTHERS]

/** Half a second of a processor and more. */
const DEAR = new Set([
  'merge: 5,000 rows, all changed on both sides',
  'config.yml: 20,000 keys',
  'diff: two boards of 10,000 rows in reverse',
  'merge: three boards of 8 MiB',
  'issues.jsonl: 60,000 lines that are no JSON',
])
/** What this run reads: all of them in the long form. */
export const FILES_NOW = sampledDear(HOSTILE_FILES, ({ name }) => DEAR.has(name), 1)
