/** What a stranger can do with git, Node and an exported log: the log's own program has no part in the judgement. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { witnessBundle } from '../../../src/workflows/witness/bundle.ts'
import { isFull } from '../../support/claims.ts'
import type { Clone } from '../../support/fleet.ts'
import { type History, history, Random, sealAll } from '../../support/history.ts'

const run = promisify(execFile)
const seed = Number(process.env.IF_BOARD_SEED ?? 1)
const NOTES = 'refs/notes/if-witness'

const sha256 = (...parts: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()

/** Merkle Tree Hash by the words of RFC 6962, section 2.1: recursive, over the whole list. */
function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves
  if (first === undefined) return sha256()
  if (leaves.length === 1) return sha256(Uint8Array.of(0), first)
  const k = 2 ** Math.floor(Math.log2(leaves.length - 1))
  return sha256(Uint8Array.of(1), treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)))
}

test('plain git shows the log, and its lines give the root by RFC 6962', async () => {
  // A day may be short by chance.
  for (let more = 0; more < 5; more += 1) if ((await eventsByGit(seed + 1000 * more)) > 5) return
  assert.unreachable('five days without events')
})

/** How many events the log of a day holds, by git and the words of the RFC alone. */
async function eventsByGit(ofSeed: number): Promise<number> {
  const day = await history({ seed: ofSeed, kind: 'remote', steps: 30, crashes: false })
  try {
    await sealAll(day)
    const { sandbox, authority } = day.fleet
    const git = (...args: readonly string[]) => sandbox?.git('person', ...args) ?? ''
    git('fetch', '--quiet', authority ?? '', `${NOTES}:${NOTES}`, 'refs/heads/if-board/main:refs/heads/board')
    const leaves: Buffer[] = []
    for (const commit of git('rev-list', '--reverse', NOTES).split('\n')) {
      const [, board = ''] = / of ([0-9a-f]{40})/.exec(git('log', '-1', '--format=%s', commit)) ?? []
      const note = git('notes', '--ref=if-witness', 'show', board)
      assert.ok(git('log', '-1', '--notes=if-witness', '--format=%N', board).includes(note))
      const lines = note.split('\n')
      leaves.push(...lines.filter((line) => line.startsWith('{')).map((line) => Buffer.from(line)))
      const origin = lines.findIndex((line) => line.startsWith('if-board/'))
      assert.is(lines[origin + 1], String(leaves.length))
      assert.is(lines[origin + 2], Buffer.from(treeHash(leaves)).toString('base64'))
    }
    return leaves.length
  } finally {
    await day.fleet.close()
  }
}

interface Exported {
  readonly folder: string
  readonly lines: readonly string[]
  /** `node verify.mjs`, with the folder as current directory. */
  verify(text: string, ...args: readonly string[]): Promise<{ readonly status: number; readonly stdout: string }>
}

/** In an empty folder, with the one file that is handed out beside the log. */
async function exported(day: History, work: (exported: Exported) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'if-board-bundle-'))
  try {
    await copyFile(fileURLToPath(new URL('../../../dist/verify.mjs', import.meta.url)), join(folder, 'verify.mjs'))
    const lines: string[] = []
    for await (const line of (await witnessBundle((day.clones[0] as Clone).box, [])).lines()) lines.push(line)
    const verify: Exported['verify'] = async (text, ...args) => {
      await writeFile(join(folder, 'witness.jsonl'), text)
      const environment = { PATH: process.env.PATH }
      return run(process.execPath, ['verify.mjs', 'witness.jsonl', ...args], { cwd: folder, env: environment }).then(
        ({ stdout }) => ({ status: 0, stdout }),
        (error: { code: number; stdout: string }) => ({ status: error.code, stdout: error.stdout }),
      )
    }
    await work({ folder, lines, verify })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const textOf = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')

test('an exported log is verified offline, by one file without a package, at every level', async () => {
  const day = await history({ seed: seed + 1, steps: 50, granted: true })
  await exported(day, async ({ folder, lines, verify }) => {
    const source = await readFile(join(folder, 'verify.mjs'), 'utf8')
    const imports = [...source.matchAll(/^import .* from "([^"]+)"/gm)].map(([, name]) => name)
    assert.ok(imports.length > 3 && imports.every((name) => name?.startsWith('node:')), imports.join(' '))
    for (const level of ['quick', 'chain', 'full', 'audit']) {
      const { status, stdout } = await verify(textOf(lines), '--level', level)
      assert.is(status, 0, stdout)
      assert.match(stdout, `The log holds (${level}`)
    }
    const json = JSON.parse((await verify(textOf(lines), '--json')).stdout)
    assert.is(json.ok, true)
    const { fold, size, root } = json.checkpoint
    assert.is((await verify(textOf(lines), '--checkpoint', `${fold} ${size} ${root}`)).status, 0)
    const other = `${root.startsWith('A') ? 'B' : 'A'}${root.slice(1)}`
    const put = await verify(textOf(lines), '--checkpoint', `${fold} ${size} ${other}`)
    assert.is(put.status, 6)
    assert.match(put.stdout, 'witness/rolled-back')
  })
})

test('whatever one character of an exported log becomes, the file is refused or something is found', async () => {
  const day = await history({ seed: seed + 2, steps: 30, sealed: true })
  const random = new Random(seed)
  await exported(day, async ({ lines, verify }) => {
    const notes = lines.flatMap((line, index) => (line.startsWith('{"note":') ? [index] : []))
    for (let round = 0; round < (isFull ? 60 : 3); round += 1) {
      const index = random.pick(notes)
      const line = lines[index] as string
      const { board, text } = JSON.parse(line).note
      const at = random.below(text.length)
      const changed = `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`
      const bundle = lines.map((old, n) => (n === index ? JSON.stringify({ note: { board, text: changed } }) : old))
      const { status } = await verify(textOf(bundle))
      assert.is(status, 6, `note in line ${index + 1}, character ${at}`)
    }
  })
})

test('a file that was cut, or that is no exported log, is refused with its line', async () => {
  const day = await history({ seed: seed + 3, steps: 10 })
  await exported(day, async ({ lines, verify }) => {
    for (const text of [
      '',
      'hello\n',
      textOf(lines.slice(0, -1)),
      textOf(lines.slice(0, -2)),
      textOf([...lines.slice(0, 1), ...lines.slice(2)]),
      textOf([...lines, '{}']),
      textOf([lines[0] as string, '{"board":{"commit":"x"}}', ...lines.slice(1)]),
      `${'['.repeat(100_000)}\n`,
    ])
      assert.is((await verify(text)).status, 1, text.slice(0, 60))
    assert.is((await verify(textOf(lines), '--level', 'deep')).status, 2)
    assert.is((await verify(textOf(lines), '--checkpoint', 'x')).status, 2)
  })
})

test.run()
