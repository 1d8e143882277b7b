import { execFileSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { checkPurity, checkSizes, checkTests, checkWords } from '../../scripts/check/guards.mjs'
import { checkRooms } from '../../scripts/check/rooms.mjs'
import { withFiles } from './planted.ts'

test('a tree that keeps to the arrows passes', async () => {
  const files = {
    'src/model/index.ts': 'export const one = 1\n',
    'src/graph/index.ts': "import { one } from '../model/index.ts'\nexport const two = one + one\n",
    'src/adapters/fs/read.ts': "import { readFile } from 'node:fs/promises'\nexport const read = readFile\n",
    'src/cli/main.ts': "import { read } from '../adapters/fs/read.ts'\nvoid read\nvoid import('../mcp/main.ts')\n",
    'src/mcp/main.ts': 'export const serve = () => {}\n',
  }
  assert.equal(await withFiles(files, checkRooms), { ok: true, text: '', note: '5 files' })
})

test('every kind of import against the arrows is found', async () => {
  const files = {
    'src/model/index.ts': "export type { Two } from '../graph/index.ts'\n",
    'src/graph/index.ts':
      "import { createHash } from 'node:crypto'\nexport type Two = 2\nexport const hash = createHash\n",
    'src/claim/judge.ts': "import type { Page } from '../cli/page.ts'\nexport type Shown = Page\n",
    'src/cli/page.ts': "export type Page = ''\nexport const load = () => import('../adapters/git/push.ts')\n",
    'src/board/index.ts':
      "import { parse } from 'yaml'\nimport chalk from 'chalk'\nexport const all = [parse, chalk]\n",
    'src/adapters/git/push.ts': "import { read } from '../fs/read.ts'\nexport const push = read\n",
    'src/adapters/fs/read.ts': "import simpleGit from 'simple-git'\nexport const read = simpleGit\n",
    'src/workflows/next.ts': "import { done } from './done.ts'\nexport const next = () => done\n",
    'src/workflows/done.ts':
      "import { next } from './next.ts'\nimport { fold } from './fold.ts'\nexport const done = [next, fold]\n",
    'src/utils/all.ts': 'export const all = 1\n',
  }
  const { ok, text } = await withFiles(files, checkRooms)
  assert.not.ok(ok)
  for (const expected of [
    /src\/model\/index\.ts → src\/graph\/index\.ts \[arrow-from-model\]/,
    /src\/graph\/index\.ts → crypto \[pure-room-without-node\]/,
    /src\/claim\/judge\.ts → src\/cli\/page\.ts \[nothing-imports-cli\]/,
    /src\/cli\/page\.ts → src\/adapters\/git\/push\.ts \[adapters-are-wired-in-main\]/,
    /src\/board\/index\.ts → yaml \[package-yaml\]/,
    /src\/board\/index\.ts → chalk \[package-without-room\]/,
    /src\/adapters\/git\/push\.ts → src\/adapters\/fs\/read\.ts \[one-adapter-one-technology\]/,
    /src\/adapters\/fs\/read\.ts → simple-git \[package-simple-git\]/,
    /src\/workflows\/\w+\.ts → .*src\/workflows\/\w+\.ts.* \[no-cycle\]/,
    /src\/workflows\/done\.ts → \.\/fold\.ts \[import-resolves\]/,
    /src\/utils is none of the rooms/,
  ]) {
    assert.match(text, expected)
  }
})

test('a tree without files is a failure, not a pass', async () => {
  const { ok, text } = await withFiles({ 'src/model/notes.md': '' }, checkRooms)
  assert.not.ok(ok)
  assert.match(text, /0 of 0 files/)
})

test('a test file that never runs, runs alone or mirrors no room is named', async () => {
  const files = {
    'test/model/good.test.ts': "test('x', () => {})\ntest.run()\n",
    'test/model/silent.test.ts': "test('x', () => {})\n// test.run()\n",
    'test/model/alone.test.ts': ['test', "only('x', () => {})\ntest.run()\n"].join('.'),
    'test/nowhere/lost.test.ts': 'test.run()\n',
    'test/model/odd.spec.ts': 'test.run()\n',
  }
  const { text } = await withFiles(files, checkTests)
  assert.equal(
    text
      .split('\n')
      .map((line) => line.split(' ')[0])
      .sort(),
    [
      'test/model/alone.test.ts:',
      'test/model/odd.spec.ts:',
      'test/model/silent.test.ts:',
      'test/nowhere/lost.test.ts:',
    ],
  )
})

test('a file of 400 lines passes and one of 401 does not', async () => {
  const lines = (count: number) => 'void 0\n'.repeat(count)
  const { text } = await withFiles({ 'src/model/a.ts': lines(400), 'src/model/b.ts': lines(401) }, checkSizes)
  assert.is(text, 'src/model/b.ts: 401 lines, at most 400')
})

test('randomness in the core is found, in a shell it is not', async () => {
  const line = 'export const luck = Math.random()\n'
  const { text } = await withFiles({ 'src/graph/luck.ts': line, 'src/cli/luck.ts': line }, checkPurity)
  assert.match(text, /^src\/graph\/luck\.ts:1: `Math\.random`[^\n]*$/)
})

test('paths and hosts of one machine are found in files that git would take', async () => {
  const path = (...parts: string[]) => ['', ...parts].join('/')
  const files = {
    'a.md': `see ${path('home', 'somebody', 'notes')}\n`,
    'b.md': `https:/${path(['registry', 'example', 'org'].join('.'))}\n`,
    'c.md': 'src/work/in/progress and https://example.org/work\n',
    'ignored.md': `${path('root', 'x')}\n`,
    '.gitignore': 'ignored.md\n',
  }
  const { text } = await withFiles(files, (folder) => {
    execFileSync('git', ['init', '--quiet'], { cwd: folder })
    return checkWords(folder)
  })
  assert.equal(
    text.split('\n').map((line) => line.split(':')[0]),
    ['a.md', 'b.md'],
  )
})

test.run()
