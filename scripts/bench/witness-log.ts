/**
 * A project with a witness log of any length, in a real repository:
 *
 *     node --import tsx scripts/bench/witness-log.ts FOLDER [--events 100000] [--fold 10] [--time]
 *
 * FOLDER must not exist; it becomes a repository whose local hub holds the log, in one pack. `--fold` is how many events
 * a fold seals. `--time` then asks the built program about it, and prints how long each answer took: with the index of
 * notes lost, and with it there.
 */
import { execFileSync, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createHub, discoverRepository, gitObjectStore, localRefStore } from '../../src/adapters/git/index.ts'
import { seededKeyRing } from '../../src/adapters/memory/local.ts'
import { sha256OfBytes, sha256OfText } from '../../src/adapters/process/hashes.ts'
import { refLayout } from '../../src/claim/index.ts'
import { encodeCommit, type ObjectId, objectId } from '../../src/model/index.ts'
import { changeTree } from '../../src/workflows/branch-tree.ts'
import { firstConfig } from '../../src/workflows/init-config.ts'
import { build } from '../build.mjs'
import { root } from '../ensure.mjs'
import { FOLD_AUTHOR, MADE_BOARD, type MadeFold, type MadeNote, makeLog, type Said } from './made-log.ts'

const BOARD_ID = '0123456789abcdef0123456789abcdef'
const SESSIONS = 16
const START_MS = Date.UTC(2025, 10, 12)
/** Other chains that an event names: those of a fleet of eight. */
const SAW = 7
/** Rows of the board: the newest tasks; the log knows those of a year as well. */
const ROWS = 48
/** Events of one task: joined by what else is said about it. */
const PER_TASK = 4

/** Tasks one after the other: each is claimed, another session loses the race, a note is left, it is done. */
export function* manyFolds(events: number, perFold: number): Generator<MadeFold> {
  let said: Said[] = []
  for (let at = 0; at < events; at += 1) {
    said.push(saidAt(at))
    if (said.length < perFold && at < events - 1) continue
    yield { said }
    said = []
  }
}

function saidAt(at: number): Said {
  const number = Math.floor(at / PER_TASK)
  const session = `session-${number % SESSIONS}`
  const other = `session-${(number + 1) % SESSIONS}`
  const frame = { at: START_MS + at * 1000, task: `T${number}`, saw: SAW }
  switch (at % PER_TASK) {
    case 0:
      return { ...frame, session, type: 'claim', data: { score: 0.85, why: ['top of the list'] } }
    case 1:
      return {
        ...frame,
        session: other,
        type: 'lost',
        data: { from: session, reason: 'another session claimed it first' },
      }
    case 2:
      return { ...frame, session, type: 'note', data: { reason: 'half of it works, the rest follows' } }
    default:
      return {
        ...frame,
        session,
        type: 'complete',
        data: { evidence: { branch: `${session}/t` }, cost: { usd: 0.125 } },
      }
  }
}

function boardText(events: number): string {
  const tasks = Math.ceil(events / PER_TASK)
  const rows = Array.from({ length: Math.min(ROWS, tasks) }, (_, row) => `T${tasks - 1 - row}`)
  return [
    ...['# Board', '', '| ID | Task | Status |', '|----|------|--------|'],
    ...rows.map((id) => `| ${id} | Do ${id} | COMPLETED |`),
    '',
  ].join('\n')
}

/** Make the project and answer the path of its hub. */
async function makeProject(folder: string, events: number, perFold: number): Promise<string> {
  await mkdir(folder)
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', folder])
  const hub = await createHub(await discoverRepository(folder, process.env), {
    ...{ boardId: BOARD_ID, authority: 'local', refs: 'custom' },
  })
  const objects = gitObjectStore(hub)
  const binding = { boardId: BOARD_ID, authority: 'local', refs: 'custom' } as const
  const files = { '.if-board/config.yml': await firstConfig([MADE_BOARD], binding), [MADE_BOARD]: boardText(events) }
  const { tree, objects: written } = await changeTree(objects, undefined, new Map(Object.entries(files)))
  const seconds = START_MS / 1000 - 1
  const first = encodeCommit({ ...FOLD_AUTHOR, tree, parents: [], seconds, message: 'Boards [skip ci]\n' })
  await objects.write([...written, { type: 'tree', body: new Uint8Array() }, first])
  const head = objectId(first, objects.hash)
  const layout = refLayout('custom')
  await localRefStore(hub).moveAll([{ ref: layout.board, expected: undefined, next: head }])
  await objects.close()
  const maker = {
    ...{ boardId: BOARD_ID, hash: objects.hash, sha256: sha256OfText, sha256Bytes: sha256OfBytes, head, tree },
    keys: onceKeys(),
    emptyTree: objectId({ type: 'tree', body: new Uint8Array() }, objects.hash),
  }
  await importNotes(hub.path, makeLog(maker, manyFolds(events, perFold)), { ...layout, head })
  return hub.path
}

/** A key is derived from its seed each time; a long log needs a few keys very often. */
function onceKeys() {
  const ring = seededKeyRing('bench')
  const known = new Map<string, Promise<string>>()
  return {
    sign: ring.sign,
    publicKey(session: Parameters<typeof ring.publicKey>[0]) {
      const key = known.get(session) ?? ring.publicKey(session)
      known.set(session, key)
      return key
    },
  }
}

/** git-fast-import(1) makes trees and the pack; the commits of the board come out as they were computed. */
async function importNotes(
  hub: string,
  notes: AsyncIterable<MadeNote>,
  { board, notes: ref, head }: { readonly board: string; readonly notes: string; readonly head: ObjectId },
): Promise<void> {
  const child = spawn('git', [`--git-dir=${hub}`, 'fast-import', '--quiet', '--force', '--date-format=raw'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => void child.on('close', resolve))
  let last: ObjectId = head
  for await (const { oid, fold, note, message, seconds } of notes) {
    const who = `${FOLD_AUTHOR.name} <${FOLD_AUTHOR.email}> ${seconds} +0000`
    const commit = (on: string, text: string) => `commit ${on}\nauthor ${who}\ncommitter ${who}\n${data(text)}`
    const text = [
      `${commit(board, `Fold ${fold - 1} [skip ci]\n`)}${last === head ? `from ${head}\n` : ''}\n`,
      `${commit(ref, message)}M 100644 inline ${oid.slice(0, 2)}/${oid.slice(2)}\n${data(note)}\n`,
    ].join('')
    last = oid
    if (!child.stdin.write(text)) await new Promise((resolve) => void child.stdin.once('drain', resolve))
  }
  child.stdin.end()
  if ((await ended) !== 0) throw new Error('git fast-import failed')
  const found = execFileSync('git', [`--git-dir=${hub}`, 'rev-parse', board], { encoding: 'utf8' }).trim()
  if (found !== last) throw new Error(`the board is at ${found}, not at ${last}`)
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`
}

const ASKED = (events: number) => [
  ['witness', 'show', `T${Math.floor(events / PER_TASK / 2)}`],
  ['witness', 'show', `T${Math.floor((events - 1) / PER_TASK)}`],
  ['witness', 'log'],
  ['witness', 'log', '--task', 'T0'],
  ['witness', 'trace', 'T0'],
  ['witness', 'cost'],
]

/** @returns milliseconds of the fastest of `times` runs */
function fastest(folder: string, args: readonly string[], times: number): number {
  const runs = Array.from({ length: times }, () => {
    const began = performance.now()
    execFileSync(process.execPath, [join(root, 'dist', 'if-board.cjs'), ...args], {
      cwd: folder,
      stdio: 'pipe',
      maxBuffer: 1 << 28,
    })
    return performance.now() - began
  })
  return Math.min(...runs)
}

async function time(folder: string, hub: string, events: number): Promise<void> {
  await build({ ifNeeded: true })
  for (const args of ASKED(events)) {
    rmSync(join(hub, '..', 'memory', 'cache', 'witness-index'), { force: true })
    const cold = fastest(folder, args, 1)
    console.log(`${args.join(' ')}: ${Math.round(fastest(folder, args, 3))} ms, index lost ${Math.round(cold)} ms`)
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { events: { type: 'string' }, fold: { type: 'string' }, time: { type: 'boolean' } },
    allowPositionals: true,
  })
  const [folder] = positionals
  if (folder === undefined) throw new Error('usage: witness-log.ts FOLDER [--events N] [--fold N] [--time]')
  const events = Number(values.events ?? 100_000)
  const perFold = Number(values.fold ?? 10)
  const hub = await makeProject(resolve(folder), events, perFold)
  console.log(`${events} events in ${Math.ceil(events / perFold)} folds: ${resolve(folder)}`)
  if (values.time === true) await time(resolve(folder), hub, events)
}

await main()
