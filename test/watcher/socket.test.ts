/** What a watcher answers through its socket is what the command would have said itself, whoever asks. */
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bin, jsonOf, type Ran, run, told } from '../support/cli.ts'
import { boardOf, initIn } from '../support/clones.ts'
import { sampled } from '../support/sampled.ts'
import { type SocketWorld, socketWorld } from './socket-world.ts'

let world: SocketWorld
test.before.each(() => {
  world = socketWorld()
})
test.after.each(() => world.remove())

/** Ids of objects, moments, and the folder are those of one day; all else must be equal to the byte. */
function comparable({ status, stdout, stderr }: Ran, folder: string): string {
  return `${status}\n${stdout}\n--\n${stderr}`
    .replaceAll(folder, 'PROJECT')
    .replace(/\b[0-9a-f]{40}\b/g, 'OID')
    .replace(/\b[0-9a-f]{7,12}\b/g, 'OID')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?Z)?/g, 'MOMENT')
    .replace(/\(\d+ s\)/g, '(0 s)')
}

/** Session, then words. */
const DAY: readonly (readonly [session: string, ...words: string[]])[] = [
  ['ann', 'next'],
  ['ann', 'next', '--json'],
  ['ben', 'next', '--peek'],
  ['ben', 'claim', 'T1'],
  ['ben', 'claim', 'T9'],
  ['ben', 'claim'],
  ['ben', 'next', '--nonsense'],
  ['ben', 'done'],
  ['ben', 'claim', 'T4', '--lease', '90', '--json'],
  ['ben', 'renew'],
  ['cay', 'renew', '--json'],
  ['ann', 'done', '--note', 'a note with \u001b[31mcolour\u001b[0m and ünïcode'],
  ['ann', 'done', 'T1'],
  ['ann', 'done', 'T1', '--json'],
  ['ann', 'done', 'T4'],
  ['ann', 'done', '--cost', 'many'],
  ['', 'next'],
  ['not a name', 'next'],
  ['ann', 'next'],
  ['ann', 'claim', 'T5'],
  ['ann', 'done'],
  ['ann', 'done', '--evidence', 'HEAD', 'T5'],
  ['ann', 'next', '--lease', '-3'],
  ['ben', 'release', '--reason', 'not mine'],
]

test('a day of commands says the same to the byte, with a watcher and without', async () => {
  const say = async (folder: string) => {
    const answers: string[] = []
    for (const [session, ...words] of DAY)
      answers.push(
        comparable(await run(world.as(session, folder), ...words), world.box.path(folder)).replaceAll(
          folder,
          'PROJECT',
        ),
      )
    return answers
  }
  await world.project('apart')
  await world.project('beside')
  const apart = await say('apart')
  const watcher = await world.watching('beside')
  const beside = await say('beside')
  for (const [index, answer] of apart.entries()) assert.is(beside[index], answer, DAY[index]?.join(' '))
  assert.is(await watcher.stop(), 130)
  const noted = () => stat(world.note('beside')).catch(() => undefined)
  // A watcher that cannot end in 150 ms is cut off where it is, so on a busy machine the next one is looked at.
  for (let tries = 1; tries < 5 && (await noted()) !== undefined; tries += 1)
    await (await world.watching('beside')).stop()
  assert.is(await noted(), undefined, 'the note goes with its watcher')
})

test('a hook is answered alike, and the input goes with it', async () => {
  const fire = (folder: string, input: string) => {
    const child = spawn(process.execPath, [bin, 'hook', 'stop', '--tool', 'claude-code'], world.as('', folder))
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stdin.on('error', () => undefined).end(input)
    return new Promise<string>((resolve) => {
      child.on('close', (status) =>
        resolve(
          comparable({ status: status ?? -1, stdout: out, stderr: '', ms: 0 }, world.box.path(folder)).replaceAll(
            folder,
            'PROJECT',
          ),
        ),
      )
    })
  }
  const stop = (turn: number) =>
    JSON.stringify({ session_id: 's', hook_event_name: 'Stop', last_assistant_message: `Turn ${turn}` })
  const inputs = [stop(1), stop(2), '', '{', `\uFEFF${stop(3)}`, JSON.stringify({ text: 'x'.repeat(2 << 20) })]
  await world.project('apart')
  await world.project('beside')
  await world.watching('beside')
  for (const input of sampled(inputs, 3)) {
    const apart = await fire('apart', input)
    assert.is(await fire('beside', input), apart, input.slice(0, 100))
  }
})

test('the program is not even loaded where a watcher answers, and is where it must not', async () => {
  await world.project()
  world.box.git('main', 'worktree', 'add', '--quiet', '../linked')
  await world.box.repository('foreign')
  const watcher = await world.watching()
  assert.is((await world.ranThere(world.as('ann'), 'next')).itself, false)
  assert.is((await world.ranThere(world.as('ben', 'linked'), 'next')).itself, false, 'another work tree of the clone')
  const others: Record<string, string>[] = [
    { IF_BOARD_SOCKET: 'off' },
    { GIT_SSH_COMMAND: 'other' },
    { TZ: 'Pacific/Auckland' },
    { HOME: world.box.path('foreign') },
    { GIT_DIR: world.box.path('main/.git') },
  ]
  for (const more of sampled(others, 2))
    assert.is((await world.ranItself(world.as('ann', 'main', more), 'next')).itself, true, JSON.stringify(more))
  assert.is((await world.ranItself(world.as('ann'), 'next', '--wait', '1')).itself, true)
  assert.is((await world.ranItself(world.as('ann'), 'status')).itself, true)

  const note = await readFile(world.note(), 'utf8')
  await writeFile(world.note(), note.replace(/"build":"/, '"build":"another '))
  assert.is((await world.ranItself(world.as('ann'), 'next')).itself, true, 'another build')
  const strangers = ['', 'null', '{"build":1}', note.replace(/"path":"[^"]*"/, '"path":"/nowhere/s"')]
  for (const strange of sampled(strangers, 2)) {
    await writeFile(world.note(), strange)
    const { ran, itself } = await world.ranItself(world.as('ann'), 'next')
    assert.is(ran.status, 0, told(ran))
    assert.is(itself, true, strange)
  }
  // The note of one clone copied into another: the watcher does not look after those boards.
  await initIn(world.box, 'foreign', boardOf(2))
  await writeFile(world.note('foreign'), note)
  const elsewhere = await world.ranItself(world.as('ann', 'foreign'), 'next', '--json')
  assert.is(elsewhere.itself, true)
  assert.is(jsonOf(elsewhere.ran).kind, 'granted', 'of its own board')
  await watcher.stop()
})

test('nobody else can reach the socket, and one in a folder that others may write to is not believed', async () => {
  await world.project()
  await world.watching()
  const { path, build } = JSON.parse(await readFile(world.note(), 'utf8'))
  assert.is((await stat(dirname(path))).mode & 0o777, 0o700)
  assert.is((await stat(world.note())).mode & 0o777, 0o600)
  const open = await mkdtemp(join(tmpdir(), 'if-board-'))
  await chmod(open, 0o755)
  let asked = 0
  const server = createServer((socket) => {
    asked += 1
    socket.end('{"kind":"ended","status":0,"said":[["data","TASK EVIL"]]}\n')
  })
  await new Promise<void>((resolve) => server.listen(join(open, 's'), resolve))
  try {
    await writeFile(world.note(), JSON.stringify({ build, path: join(open, 's') }))
    const ran = await run(world.as('ann'), 'next')
    assert.match(ran.stdout, /^TASK T1/)
    assert.is(asked, 0)
    // The same server in a folder of ours alone is believed: this is what the check is for.
    await chmod(open, 0o700)
    let said = ''
    // It is given half a second, so on a busy machine it is asked again.
    for (let tries = 0; tries < 5 && said !== 'TASK EVIL'; tries += 1)
      said = (await run(world.as('ann'), 'next')).stdout
    assert.is(said, 'TASK EVIL')
  } finally {
    server.close()
  }
})

test.run()
