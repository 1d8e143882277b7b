/** Hostile texts of boards: what each holds, how many tasks a reader may take from it, and what must be found. */

import { sampledDear } from '../../support/sampled.ts'

export interface HostileBoard {
  readonly name: string
  readonly text: () => string
  /** Tasks, exactly: one more would be a phantom, one less a task lost. */
  readonly tasks: number
  /** Code of a diagnostic that must be given; `undefined` = the text is harmless, which `tasks` shows. */
  readonly code?: string
  /** Default `board.md`. */
  readonly file?: string
}

const MIB = 1024 * 1024
const HEAD = '| ID | Task | Status | Dependencies |\n|----|------|--------|--------------|\n'
const A_ROW = `${HEAD}| A1 | one | OPEN | |\n`

function lines(count: number, line: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => line(at)).join('\n')
}

/** Half a second of a processor and more. */
const DEAR = new Set([
  '50,000 tables',
  'boxes nested 30 deep, 100 times',
  '3,000 boxes in one',
  '10,000 rows that wait for all above',
  'quotes and lists in turn, 30 deep, 3,000 times',
  '10,000 rows that wait for a range of a billion',
  '450,000 cells',
  '10,000 boxes of one title',
  '150,000 empty rows',
  '10,000 boxes with letters in them',
  'a table of 999 columns and 400 rows',
  'a kanban of 3,000 columns',
  '10,000 ids that look alike',
  'HTML by the thousand',
])

type Row = readonly [name: string, text: () => string, tasks: number, code?: string | undefined, file?: string]

const MARKDOWN: readonly Row[] = [
  ['20,000 signs of quotation', () => '>'.repeat(20_000), 0, 'board/limit'],
  ['20,000 spaced signs of quotation', () => '> '.repeat(20_000), 0, 'board/limit'],
  ['lists nested 1,500 deep', () => lines(1500, (at) => `${' '.repeat(2 * at)}- a`), 0, 'board/limit'],
  ['lists nested 1,500 deep on one line', () => '- '.repeat(1500), 0, 'board/limit'],
  ['quotes and lists in turn, 30 deep, 3,000 times', () => `${'> - '.repeat(15)}a\n\n`.repeat(3000), 0],
  ['a run of 30,000 stars', () => '*'.repeat(30_000), 0, 'board/limit'],
  ['40 KiB of `a~a~`', () => 'a~'.repeat(20_000), 0],
  ['40 KiB of emphasis', () => '*a'.repeat(20_000), 0],
  ['40 KiB of emphasis of two kinds', () => '*a_'.repeat(13_000), 0],
  ['40 KiB of links that never close', () => '[a](b '.repeat(7000), 0],
  ['40 KiB of brackets', () => '[a'.repeat(20_000), 0],
  ['40 KiB of code marks of growing length', () => lines(200, (at) => '`'.repeat(at + 1)).replaceAll('\n', ' a '), 0],
  ['40 KiB of entities', () => '&a;&#1;'.repeat(6000), 0],
  ['40 KiB of autolinks', () => 'www.a.b@c.d '.repeat(3500), 0],
  ['40 KiB of footnotes', () => '[^a]: b '.repeat(5000), 0],
  ['link definitions by the thousand, each used', () => lines(5000, (at) => `[a${at}]: b\n\n[a${at}]`), 0],
  ['one line of 10 MiB', () => 'x'.repeat(10 * MIB), 0, 'board/too-large'],
  ['one line of 7 MiB', () => 'x'.repeat(7 * MIB), 0, 'board/limit'],
  [
    'one row of 7 MiB between two',
    () => `${A_ROW}| A2 | ${'x'.repeat(7 * MIB)} | | |\n| A3 | c | | |\n`,
    2,
    'board/limit',
  ],
  ['over 8 MiB of short lines', () => 'x\n'.repeat(4_500_000), 0, 'board/too-large'],
  ['a paragraph of 150,000 lines', () => 'a\n'.repeat(150_000), 0],
  ['a paragraph of a million lines', () => 'a\n'.repeat(1_000_000), 0, 'board/limit'],
  ['400,000 paragraphs', () => 'a\n\n'.repeat(400_000), 0, 'board/limit'],
  ['a million headings', () => '# a\n'.repeat(1_000_000), 0, 'board/limit'],
  [
    'a million headings of growing depth',
    () => lines(1_000_000, (at) => `${'#'.repeat((at % 6) + 1)} a`),
    0,
    'board/limit',
  ],
  ['a million underlined headings', () => 'a\n=\n'.repeat(1_000_000), 0, 'board/limit'],
  ['a million rules', () => '---\n'.repeat(1_000_000), 0, 'board/limit'],
  ['2,000,000 blank lines, and a table', () => `${'\n'.repeat(2_000_000)}${A_ROW}`, 0, 'board/limit'],
  ['10,000 blank lines, and a table', () => `${'\n'.repeat(10_000)}${A_ROW}`, 1],
  ['300 lines over the limit', () => lines(300, () => '>'.repeat(300)), 0, 'board/limit'],
  ['a fence that never closes', () => `\`\`\`\n${HEAD}${'| P1 | x | | |\n'.repeat(20_000)}`, 0],
  ['20,000 fences that never close', () => lines(20_000, (at) => `${'~'.repeat((at % 200) + 3)}`), 0],
  ['a comment that never closes', () => `<!--\n\n${'- [ ] P1: x\n\n'.repeat(20_000)}`, 0],
  ['20,000 comments that never close', () => '<!-- a\n'.repeat(20_000), 0],
  ['HTML around rows', () => `<table>\n<tr><td>\n${HEAD}| A1 | x | | |\n</td></tr>\n</table>\n`, 0],
  ['HTML by the thousand', () => '<b a="1">\n\n'.repeat(20_000), 0],
  ['a script between two rows', () => `${A_ROW}| A2 | <script>alert(1)</script> | OPEN | |\n`, 2],
  ['declarations that never close', () => '<![CDATA[ <? <!A '.repeat(3000), 0],
]

const TABLES: readonly Row[] = [
  ['a table of 5,000 columns', () => `|${' a |'.repeat(5000)}\n|${'--|'.repeat(5000)}\n`, 0, 'board/limit'],
  [
    'a table of 999 columns and 400 rows',
    () => `|${' ID |'.repeat(999)}\n|${'--|'.repeat(999)}\n${`|${' a |'.repeat(999)}\n`.repeat(400)}`,
    0,
  ],
  ['a million empty rows', () => `${HEAD}${'| | |\n'.repeat(1_000_000)}`, 0, 'board/limit'],
  ['150,000 empty rows', () => `${HEAD}${'| | |\n'.repeat(150_000)}`, 0],
  ['8 MiB of cells', () => `${HEAD}${`|${'a|'.repeat(900)}\n`.repeat(4600)}`, 0, 'board/limit'],
  ['450,000 cells', () => `${HEAD}${`|${'a|'.repeat(900)}\n`.repeat(500)}`, 1, 'board/duplicate-id'],
  ['rows with ten thousand escaped pipes', () => `${HEAD}${`| A1 | ${'\\|'.repeat(900)} | | |\n`}`, 1],
  ['50,000 tables', () => lines(50_000, () => '| ID | Task |\n|-|-|\n'), 0],
  ['one id 10,000 times', () => `${HEAD}${lines(10_000, () => '| A1 | x | | |')}`, 1, 'board/duplicate-id'],
  [
    '10,000 rows that wait for all above',
    () => `${HEAD}${lines(10_000, (at) => `| P0.${at} | x | | All above |`)}`,
    10_000,
  ],
  [
    '10,000 rows that wait for a range of a billion',
    () => `${HEAD}${lines(10_000, (at) => `| P0.${at} | x | | P0.1-999999999 |`)}`,
    10_000,
    'board/unknown-dependency',
  ],
  ['a dependency cell of 60 KiB', () => `${HEAD}| A1 | x | | ${'B1, '.repeat(15_000)} |\n`, 1],
  ['a status of 60 KiB', () => `${HEAD}| A1 | x | ${'done '.repeat(12_000)} | |\n`, 1],
  ['a NUL in an id', () => `${A_ROW}| A\0 | x | | |\n`, 0, 'board/not-text'],
  ['right-to-left marks in an id', () => `${A_ROW}| A\u202e1 | x | | |\n`, 1, 'board/invalid-id'],
  ['zero-width characters in an id', () => `${A_ROW}| A\u200b1 | x | | |\n`, 1, 'board/invalid-id'],
  ['an id of 60 KiB', () => `${A_ROW}| ${'A1'.repeat(30_000)} | x | | |\n`, 1, 'board/invalid-id'],
  ['ids that look alike', () => `${A_ROW}| \u04101 | x | OPEN | |\n| A\uff11 | x | OPEN | |\n`, 3, 'board/look-alike'],
  [
    '10,000 ids that look alike',
    () => `${HEAD}${lines(10_000, (at) => `| ${at % 2 === 0 ? 'P' : '\u0420'}${at >> 1} | x | | |`)}`,
    10_000,
    'board/look-alike',
  ],
  [
    'ids that mean something to a program',
    () => `${HEAD}| __proto__ | a | | constructor |\n| .. | b | | __proto__ |\n| -x | c | | .. |\n`,
    3,
  ],
  ['half a surrogate pair', () => `${A_ROW}| \ud800 | \ud800 | \udc00 | |\n`, 2],
  ['combining marks by the thousand', () => `${A_ROW}| A2 | ${'e\u0301'.repeat(20_000)} | | |\n`, 2],
  [
    'conflict marks of a merge',
    () => `${HEAD}<<<<<<< ours\n| A1 | x | OPEN | |\n=======\n| A1 | x | DONE | |\n>>>>>>> theirs\n`,
    1,
    'board/conflict',
  ],
]

const LISTS: readonly Row[] = [
  ['a box of brackets that never close', () => `- [ ] x${'(a'.repeat(9000)}`, 1],
  ['a box of words that lead to dependencies', () => `- [ ] x ${'blocked by '.repeat(5000)}`, 1],
  ['a box of fields that never end', () => `- [ ] x ${'{#a} [id:: '.repeat(4000)}`, 1],
  ['a box of dataview fields', () => `- [ ] x ${'[dependsOn:: a, b] '.repeat(3000)}`, 1],
  ['a box of Obsidian signs', () => `- [ ] x ${'⛔ a,🆔 b ⏫ '.repeat(4000)}`, 1],
  ['a box of owners, tags and ids', () => `- [ ] x ${'@a #b ^c !high '.repeat(3000)}`, 1],
  ['a box of spaces', () => `- [ ] x${' '.repeat(60_000)}y`, 1],
  ['10,000 boxes of one title', () => lines(10_000, () => '- [ ] The same'), 10_000],
  ['3,000 boxes in one', () => `- [ ] All\n${lines(3000, (at) => `  - [ ] Task ${at}`)}`, 3001],
  ['boxes nested 30 deep, 100 times', () => lines(3000, (at) => `${'  '.repeat(at % 30)}- [ ] Task ${at}`), 3000],
  ['boxes nested 3,000 deep', () => lines(1000, (at) => `${'  '.repeat(at)}- [ ] Task ${at}`), 0, 'board/limit'],
  ['10,000 boxes with letters in them', () => lines(10_000, () => '- [?] What'), 10_000, 'board/unknown-status'],
  [
    'a kanban of 3,000 columns',
    () => lines(3000, (at) => `## ${at % 2 === 0 ? 'To do' : 'Done'}\n\n- Task ${at}\n`),
    3000,
  ],
  ['a million items in a column', () => `## To do\n\n${'- a\n'.repeat(1_000_000)}\n## Done\n`, 0, 'board/limit'],
  [
    '3,000 phases of spec-kit',
    () => lines(3000, (at) => `## Phase ${at}\n\n- [ ] T${at} [P] [US1] x (depends on T${at - 1})\n`),
    3000,
  ],
  ['numbers nested 60 deep', () => lines(2000, (at) => `- [ ] ${'1.'.repeat(60)}${at} x`), 2000],
  [
    '2,500 heading tasks with keys',
    () => lines(2500, (at) => `### A${at}: x\n\n**Status:** open\n**Dependencies:** A${at + 1}\n`),
    2500,
  ],
  ['one heading task with 20,000 keys', () => `### A1: x\n\n${'**Status:** open\n'.repeat(20_000)}`, 1],
  ['one heading task with 10,000 boxes', () => `### A1: x\n\n**Status:** open\n\n${'- [ ] y\n'.repeat(10_000)}`, 1],
]

const FRONT_MATTER: readonly Row[] = [
  [
    'front matter that is a YAML bomb',
    () =>
      `---\nid: task-1\ntitle: x\na: &a [x,x]\n${lines(30, (at) => `b${at}: &b${at} [*a,*a,*b${at - 1}]`)}\nstatus: *b29\n---\n`,
    1,
    'board/unknown-status',
    'task-1.md',
  ],
  [
    'front matter whose merge keys never end',
    () => `---\nid: task-1\ntitle: x\n<<: &a\n  <<: *a\n---\n`,
    0,
    undefined,
    'task-1.md',
  ],
  [
    'front matter with a key of 60 KiB',
    () => `---\nid: task-1\ntitle: x\n${'k'.repeat(60_000)}: v\n---\n`,
    0,
    undefined,
    'task-1.md',
  ],
  [
    'front matter of 60,000 keys',
    () => `---\nid: task-1\ntitle: x\n${lines(60_000, (at) => `k${at}: v`)}\n---\n`,
    0,
    undefined,
    'task-1.md',
  ],
  [
    'front matter that never closes',
    () => `---\nid: task-1\ntitle: x\n${'a: b\n'.repeat(20_000)}`,
    0,
    undefined,
    'task-1.md',
  ],
  [
    'front matter with 3,000 dependencies',
    () => `---\nid: task-1\ntitle: x\ndependencies: [${'task-2, '.repeat(3000)}]\n---\n`,
    1,
    undefined,
    'task-1.md',
  ],
  [
    'front matter named after the prototype',
    () => `---\nid: __proto__\ntitle: constructor\n__proto__: {status: done}\nstatus: To Do\n---\n`,
    1,
    undefined,
    'task-1.md',
  ],
  [
    'front matter nested 1,000 deep',
    () => `---\nid: task-1\ntitle: x\nstatus: ${'['.repeat(200)}${'{a: '.repeat(800)}\n---\n`,
    1,
    'board/unknown-status',
    'task-1.md',
  ],
]

export const HOSTILE_BOARDS: readonly HostileBoard[] = [...MARKDOWN, ...TABLES, ...LISTS, ...FRONT_MATTER].map(
  ([name, text, tasks, code, file]) => ({
    name,
    text,
    tasks,
    ...(code === undefined ? {} : { code }),
    ...(file === undefined ? {} : { file }),
  }),
)

/** What this run reads: all of them in the long form. */
export const BOARDS_NOW = sampledDear(HOSTILE_BOARDS, ({ name }) => DEAR.has(name), 3)
