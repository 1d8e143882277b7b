/** `edit` with real git: what is pushed, what is merged, and that no text is ever lost. */
import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { gitEditDesk, keptEdits } from '../../src/adapters/git/edit-desk.ts'
import type { Hub } from '../../src/adapters/git/index.ts'
import { gitTextMerge } from '../../src/adapters/git/merge-file.ts'
import { type BoardName, type IfBoardError, type SessionName, toBoardName } from '../../src/model/index.ts'
import type { EditDesk } from '../../src/ports/index.ts'
import { boardToEdit, type EditTools, editBoardText } from '../../src/workflows/edit-text.ts'
import { fold } from '../../src/workflows/fold.ts'
import { claim } from '../support/acts.ts'
import { BOARD, boardOf, type Clone, cell, type Fleet, names, retype } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [s1] = names(1) as [SessionName]
const board: BoardName = toBoardName(BOARD)
const rows = boardOf(['T1'], ['T2'], ['T3'], ['T4'], ['T5'])

type Change = (text: string) => string | Promise<string>

interface Sitting {
  /** What the person types, one function for each time that the editor opens. */
  readonly changes: readonly Change[]
  readonly answers?: readonly ('again' | 'push' | 'keep')[]
  readonly yes?: boolean
  readonly ends?: 'closed' | 'failed'
}

/** One `if-board edit`; what it asked and told is kept beside its answer. */
async function sit(clone: Clone, { changes, answers = [], yes = false, ends = 'closed' }: Sitting) {
  const desk = deskOf(clone)
  const asked: string[][] = []
  const told: string[] = []
  let opened = 0
  const tools: EditTools = {
    box: clone.box,
    desk: {
      ...desk,
      async open(name) {
        const text = new TextDecoder().decode(await desk.read(name))
        await desk.write(name, (await changes[opened]?.(text)) ?? text)
        opened += 1
        return ends
      },
    },
    mergeLines: gitTextMerge((clone.hub as Hub).repository.environment),
    ask: async (findings) => {
      asked.push(findings.map(({ code, line }) => `${code}:${line}`))
      return answers[asked.length - 1] ?? (assert.unreachable('nothing was to be asked') as never)
    },
    tell: (line) => told.push(line),
  }
  const work = editBoardText(tools, { board, yes, author: 'ada' })
  const outcome = await work.catch((error: IfBoardError) => ({ kind: error.code, hint: error.hint ?? '' }))
  return { ...outcome, asked, told }
}

function deskOf({ hub }: Clone): EditDesk {
  return gitEditDesk((hub as Hub).repository, 'board')
}

const kept = async (clone: Clone) => (await deskOf(clone).read(BOARD))?.toString()

for (const kind of ['local', 'remote'] as const) {
  test(`what was typed is pushed, and the desk is clear (${kind})`, () =>
    on(
      rows,
      async (world: Fleet, a: Clone) => {
        assert.is((await sit(a, { changes: [retype('T1', 'PAUSED')] })).kind, 'pushed')
        assert.is(cell(await world.text(), 'T1'), 'PAUSED')
        assert.is(await kept(a), undefined)
        const head = await world.head()
        assert.is((await sit(a, { changes: [(text) => text] })).kind, 'unchanged')
        assert.is(await world.head(), head)
      },
      kind,
    ))

  test(`what others change in other lines meanwhile is merged, a fold too (${kind})`, () =>
    on(
      rows,
      async (world: Fleet, a: Clone, b: Clone) => {
        const outcome = await sit(a, {
          changes: [
            async (text) => {
              await claim(b, s1, 'T5')
              await fold(b.box, s1)
              return retype('T1', 'PAUSED')(text)
            },
          ],
        })
        assert.is(outcome.kind, 'merged')
        const text = await world.text()
        assert.equal([cell(text, 'T1'), cell(text, 'T5')], ['PAUSED', 'CLAIMED (session-1)'])
      },
      kind,
    ))
}

for (const kind of ['local', 'remote'] as const)
  test(`neighbouring rows and cells of one row that others changed meanwhile are merged (${kind})`, () =>
    on(
      rows,
      async (world: Fleet, a: Clone) => {
        const outcome = await sit(a, {
          changes: [
            async (text) => {
              await world.edit((now) =>
                now.replace('Do T2', 'Do it all').replace('| T3 ', '| T2b | New | AVAILABLE | T1 |\n| T3 '),
              )
              return retype(
                'T2',
                'PAUSED',
              )(text)
                .replace('Do T1', 'Do it well')
                .replace('| T3 ', '| T2a | Other | AVAILABLE | None |\n| T3 ')
            },
          ],
        })
        assert.equal([outcome.kind, outcome.asked], ['merged', []])
        assert.equal(
          ((await world.text()) ?? '')
            .split('\n')
            .slice(4, 9)
            .map((line) => line.split(' | ').slice(0, 3).join(' | ')),
          [
            '| T1 | Do it well | AVAILABLE',
            '| T2 | Do it all | PAUSED',
            '| T2a | Other | AVAILABLE',
            '| T2b | New | AVAILABLE',
            '| T3 | Do T3 | AVAILABLE',
          ],
        )
      },
      kind,
    ))

test('of one cell both values are shown, one is chosen, and the person’s own text stays until then', () =>
  on(
    rows,
    async (world: Fleet, a: Clone) => {
      const first = await sit(a, {
        changes: [
          async (text) => {
            await world.edit((now) => now.replace('Do T1', 'Do it all'))
            return text.replace('Do T1', 'Do it well')
          },
        ],
      })
      assert.is(first.kind, 'edit/conflict')
      assert.match('hint' in first ? first.hint : '', /if-board edit opens both .*yours\.md$/)
      assert.match((await deskOf(a).read('yours.md'))?.toString() ?? '', 'Do it well')
      assert.is((await world.text())?.includes('Do it all'), true)
      assert.match((await kept(a)) ?? '', '| <<<<<<< Do it well ======= Do it all >>>>>>> |')
      // Closed as it is, the marks are found, and the text stays.
      const second = await sit(a, { changes: [(text) => text], answers: ['keep'] })
      assert.is(second.kind, 'kept')
      assert.ok(second.asked[0]?.includes('board/conflict:5'), second.asked.join())
      assert.match(second.told[0] ?? '', 'going on with your edit')
      const chosen = (text: string) => text.replace(/<{7} (.*) ={7} .* >{7}/, '$1')
      assert.is((await sit(a, { changes: [chosen] })).kind, 'pushed')
      assert.is(await world.text(), rows.replace('Do T1', 'Do it well'))
      assert.is(await deskOf(a).read('yours.md'), undefined)
    },
    'remote',
  ))

test('of one line of prose both versions are shown between git’s marks, which are found when they are left', () =>
  on(
    `A plan.\n\n${rows}`,
    async (world: Fleet, a: Clone) => {
      const first = await sit(a, {
        changes: [
          async (text) => {
            await world.edit((now) => now.replace('A plan', 'Their plan'))
            return text.replace('A plan', 'My plan')
          },
        ],
      })
      assert.is(first.kind, 'edit/conflict')
      assert.match((await kept(a)) ?? '', '<<<<<<< ours\nMy plan.\n=======\nTheir plan.\n>>>>>>> theirs\n')
      const second = await sit(a, { changes: [(text) => text], answers: ['keep'] })
      assert.equal(second.asked, [['board/conflict:1']])
    },
    'local',
  ))

test('errors are asked about always, warnings unless --yes, and what stood there before never', () =>
  on(
    boardOf(['T1', 'purple'], ['T2']),
    async (world: Fleet, a: Clone) => {
      const twice = (text: string) => `${text}| T2 | Again | AVAILABLE | None |\n`
      const asked = await sit(a, { changes: [twice, (text) => text], answers: ['again', 'keep'], yes: true })
      assert.equal(asked.asked, [['board/duplicate-id:7'], ['board/duplicate-id:7']])
      assert.is(asked.kind, 'kept')
      assert.is((await sit(a, { changes: [(text) => text], answers: ['push'] })).kind, 'pushed')
      const warned = await sit(a, { changes: [retype('T2', 'green')], yes: true })
      assert.equal([warned.kind, warned.asked], ['pushed', []])
      assert.is(cell(await world.text(), 'T2'), 'green')
    },
    'local',
  ))

test('when the network is away the text is kept, and the next edit goes on with it', () =>
  on(
    rows,
    async (world: Fleet, a: Clone) => {
      let away = false
      a.traffic.beforeList = async () => {
        if (!away) return
        const { IfBoardError: Away } = await import('../../src/model/index.ts')
        throw new Away('authority/unreachable', 'the remote does not answer')
      }
      const first = await sit(a, {
        changes: [
          (text) => {
            away = true
            return retype('T3', 'PAUSED')(text)
          },
        ],
      })
      assert.is(first.kind, 'authority/unreachable')
      assert.match(
        'hint' in first ? first.hint : '',
        /Your text is kept in .*TASK-BOARD\.md; go on with it: if-board edit/,
      )
      // Still away: the kept text opens, is judged by itself, and only the push says that there is no network.
      const keptBoards = () => keptEdits((a.hub as Hub).repository)
      assert.is(await boardToEdit(a.box, undefined, keptBoards), board)
      const offline = await sit(a, { changes: [retype('T3', 'purple')], answers: ['push'] })
      assert.equal(
        [offline.kind, offline.asked, offline.told.length],
        ['authority/unreachable', [['board/unknown-status:7']], 1],
      )
      away = false
      const second = await sit(a, { changes: [retype('T3', 'PAUSED')] })
      assert.equal([second.kind, second.told.length], ['pushed', 1])
      assert.is(cell(await world.text(), 'T3'), 'PAUSED')
      // With nothing kept, no network is what there is to say.
      away = true
      assert.equal(await keptBoards(), [])
      assert.is(await boardToEdit(a.box, undefined, keptBoards).catch((error) => error.code), 'authority/unreachable')
    },
    'remote',
  ))

test('an editor that fails pushes nothing: what was typed stays, and nothing typed is nothing kept', () =>
  on(
    rows,
    async (world: Fleet, a: Clone) => {
      const head = await world.head()
      assert.is((await sit(a, { changes: [(text) => text], ends: 'failed' })).kind, 'edit/no-editor')
      assert.is(await kept(a), undefined)
      assert.is((await sit(a, { changes: [retype('T1', 'PAUSED')], ends: 'failed' })).kind, 'kept')
      assert.match((await kept(a)) ?? '', 'PAUSED')
      assert.is(await world.head(), head)
    },
    'local',
  ))

test('a board that is open in one editor is not opened in another', () =>
  on(
    rows,
    async (_world: Fleet, a: Clone) => {
      let inner = ''
      await sit(a, {
        changes: [
          async (text) => {
            inner = (await sit(a, { changes: [] })).kind
            return text
          },
        ],
      })
      assert.is(inner, 'edit/open-elsewhere')
    },
    'local',
  ))

test('an editor that was stopped while another one went on with its draft takes nothing away from it', () =>
  on(
    rows,
    async (world: Fleet, a: Clone) => {
      const head = await world.head()
      const { repository } = a.hub as Hub
      const first = await sit(a, {
        changes: [
          async (text) => {
            // As if this process had stood still for more than a minute.
            await rm(join(repository.gitDir, 'if-board-edits', 'board.lock'))
            await deskOf(a).lock()
            return retype('T1', 'PAUSED')(text)
          },
        ],
      })
      assert.is(first.kind, 'edit/open-elsewhere')
      assert.match((await kept(a)) ?? '', 'PAUSED')
      assert.is(await world.head(), head)
    },
    'local',
  ))

test('the editor is the one that git would start, with its words, and its status counts', () =>
  on(
    rows,
    async (_world: Fleet, a: Clone) => {
      const { repository } = a.hub as Hub
      const script = join(repository.commonDir, 'an editor.mjs')
      await writeFile(
        script,
        "import{appendFileSync as a}from'node:fs';a(process.argv.at(-1),process.argv[2]);process.exit(process.argv[2]==='no'?3:0)",
      )
      await chmod(script, 0o755)
      const env = (editor: string) => ({
        ...repository,
        environment: { ...repository.environment, GIT_EDITOR: editor },
      })
      const editor = `"${process.execPath}" "${script}"`
      const desk = gitEditDesk(env(`${editor} 'two words'`), 'x y')
      await desk.write('b.md', 'text: ')
      assert.is(await desk.open('b.md'), 'closed')
      assert.is((await desk.read('b.md'))?.toString(), 'text: two words')
      assert.is(await gitEditDesk(env(`${editor} no`), 'x y').open('b.md'), 'failed')
      const dumb = {
        PATH: repository.environment.PATH,
        HOME: repository.environment.HOME,
        TERM: 'dumb',
        GIT_CONFIG_NOSYSTEM: '1',
      }
      const error = await gitEditDesk({ ...repository, environment: dumb }, 'x y')
        .open('b.md')
        .catch((reason) => reason)
      assert.is(error.code, 'edit/no-editor')
      assert.match(error.hint, 'if-board checkout')
    },
    'local',
  ))

test.run()
