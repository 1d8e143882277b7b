/** Every command on a real hub, and the whole log that they leave, beside the table in docs/events.md. */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { COMMANDS } from '../../src/cli/commands/index.ts'
import { type Note, parseNote } from '../../src/witness/index.ts'
import { sampled } from '../support/sampled.ts'
import { BOARD, makeWorld, putBoards, type World } from './world.ts'

const test = suite<{ world: World; folder: string }>('what commands leave in the log')

test.before(async (context) => {
  context.world = await makeWorld()
  context.folder = await context.world.clone('web')
  await putBoards(context.folder, { 'TASK-BOARD.md': BOARD })
})
test.after((context) => context.world.remove())

const SCRIPT = 'print(1)\n'
const JOB = `js:c.js#sha256=${createHash('sha256').update(SCRIPT).digest('hex')}`

/** What is typed, and what then is in the seal: events as `session type id`, changes of the board as `author changed`. */
const DAY: readonly (readonly [typed: string, ...left: string[]])[] = [
  ['join ada --can rust --session ada', 'ada joined'],
  ['next --session ada', 'ada claim A1'],
  ['note A1 half way --session ada', 'ada note A1'],
  ['note A1 --cost 1.25 --model large-1 --tokens 1200,340 --session ada', 'ada cost A1 $1.25'],
  ['renew --session ada'],
  ['run --session ada -- wc plan.md'],
  // What was denied or lost waits for the session's next push.
  ['claim A3 --session ada'],
  ['release A1 --reason later --cost 3 --session ada', 'ada denied A1', 'ada denied A3', 'ada release A1 $3'],
  ['claim A1 --session ben', 'ben claim A1'],
  ['claim A1 --session ada'],
  ['block A1 --on weather --cost 2 --session ben', 'ben block A1 $2', 'ben changed'],
  ['unblock A1 --session ada', 'ada changed'],
  ['claim A3 --session ada', 'ada lost A1', 'ada claim A3'],
  ['fail A3 --reason hard --cost 4 --session ada', 'ada fail A3 $4'],
  ['claim A3 --session ben', 'ben claim A3'],
  ['release --of ben --session ada', 'ada revoked A3'],
  ['claim A1 --session ben', 'ben claim A1'],
  ['done A1 --cost 12.5 --session ben', 'ben complete A1 $12.5'],
  ['add One more --session ada', 'ada changed'],
  ['set A4 priority high --session ada', 'ada changed'],
  ['sync --session folder'],
  ['reopen A1 --session ada', 'ada changed'],
  ['pause A3 --reason lunch --session ben', 'ben changed'],
  ['resume A3 --session ada', 'ada changed'],
  ['import plan.md --session ada', 'ada changed'],
  ['claim A1 --session ben', 'ben claim A1'],
  ['pause A1 --now --session ada', 'ada revoked A1', 'ada changed'],
  ['pause ada --session ben', 'ben changed'],
  ['next --session ada'],
  ['resume ada --session ben', 'ben changed'],
  ['policy approve A4 --session ada', 'ada changed'],
  ['note A1 hello --session ada', 'ada denied', 'ada note A1'],
  [`set A4 check ${JOB} --session ada`, 'ada changed'],
  [`set A4 run ${JOB} --session ada`, 'ada changed'],
  ['check A4 --session ada'],
  ['run A4 --session ada', 'ada ran A4', 'ada claim A4', 'ada ran A4', 'ada ran A4', 'ada complete A4'],
  ['sync --session ada'],
]

/** What leaves nothing, typed one after the other. */
const NOTHING = [
  ...['init --local', 'status', 'list', 'show A1', 'why A1', 'graph', 'parse plan.md', 'lint', 'doctor'],
  ...['policy check', 'policy explain A1', 'policy simulate', 'breaker'],
  ...['completion bash', 'checkout'],
]

/** First words of commands that need a terminal, a key or a world of their own, or take the boards out of the clone. */
const NOT_TYPED = [
  'edit',
  'grant',
  'witness',
  'replay',
  'demo',
  'uninstall',
  'merge-driver',
  'mcp',
  'hook',
  'watch',
  'proxy',
  'fast',
]

test('each command leaves what the table says, no more, and under the name of whoever typed it', async ({
  world,
  folder,
}) => {
  await writeFile(`${folder}/plan.md`, '- [ ] water the plants\n')
  await writeFile(`${folder}/c.js`, SCRIPT)
  await world.git(folder, 'add', 'c.js')
  await world.git(folder, 'commit', '--quiet', '--message=script')
  await world.run(folder, ['sync', '--session', 'folder'])
  const before = (await notesIn(world, folder)).length
  for (const line of [...DAY.map(([typed]) => typed), ...sampled(NOTHING, 5), 'sync --session folder']) {
    const answer = await world.run(folder, line.split(' '))
    assert.ok([0, 3, 4, 5, 6].includes(answer.status), `${line}: ${answer.status} ${answer.stderr}`)
  }
  const notes = (await notesIn(world, folder)).slice(before)
  const left = DAY.flatMap(([, ...words]) => words)
  const isEdit = (word: string) => word.endsWith(' changed')
  assert.equal(
    notes.flatMap(eventsOf),
    left.filter((word) => !isEdit(word)),
  )
  assert.equal(notes.flatMap(editsOf), left.filter(isEdit))
})

test('a command that was not typed above is listed here, and every command is in the table', async () => {
  const page = await readFile(new URL('../../docs/events.md', import.meta.url), 'utf8')
  const table = page.slice(page.indexOf('<!-- commands -->'))
  const lines = [...DAY.map(([line]) => line), ...NOTHING]
  const isTyped = (name: string) => lines.some((line) => line === name || line.startsWith(`${name} `))
  for (const { name } of COMMANDS) {
    assert.ok(table.includes(`\n| \`${name}\` |`), `${name} is in the table of docs/events.md`)
    assert.ok(isTyped(name) || NOT_TYPED.includes(name.split(' ')[0] ?? ''), `${name} is typed in this test`)
  }
})

/** All notes of the hub, oldest fold first, as git shows them. */
async function notesIn(world: World, folder: string): Promise<Note[]> {
  const hub = `--git-dir=${folder}/.git/if-board/hub.git`
  const list = await world.git(folder, hub, 'notes', '--ref=if-witness', 'list')
  const texts = await Promise.all(
    list.split('\n').map(async (line) => world.git(folder, hub, 'cat-file', 'blob', line.split(' ')[0] ?? '')),
  )
  const notes = texts.map((text) => parseNote(`${text}\n`)).filter((note) => note !== undefined)
  assert.is(notes.length, texts.length)
  return notes.sort((a, b) => a.checkpoint.fold - b.checkpoint.fold)
}

function eventsOf({ events }: Note): string[] {
  return events.map(({ session, type, subject, data }) => {
    const usd = data.cost?.usd
    const words = [
      session,
      type.replace('if-board.', ''),
      subject?.replace(/^.*:/, ''),
      usd === undefined ? '' : `$${usd}`,
    ]
    return words.filter(Boolean).join(' ')
  })
}

function editsOf({ checkpoint: { records } }: Note): string[] {
  // A fold writes its own record, signed by whoever folded.
  assert.is(records.filter(({ kind }) => kind === 'fold').length, 1)
  return records.filter(({ kind }) => kind === 'edit').map(({ author }) => `${author} changed`)
}

test.run()
