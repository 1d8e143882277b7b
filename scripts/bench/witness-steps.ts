/**
 * What one event of the log costs, step by step, each beside the least that it could be. Run by `witness.mjs`:
 *
 *     node witness-steps.mjs HUB EVENTS FILE
 *
 * reads at most EVENTS of the log in HUB and prints one JSON object: events per second of each step, and of its baseline.
 * FILE is written to: what an event costs that is appended to a file, unsigned.
 */
import { execFileSync } from 'node:child_process'
import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { sha1ObjectHash, sha256OfBytes, sha256OfText } from '../../src/adapters/process/hashes.ts'
import { objectId, type SignedEvent } from '../../src/model/index.ts'
import {
  canonicalJson,
  EMPTY_TREES,
  encodeEventCommit,
  eventHash,
  type Note,
  parseNote,
  renderNote,
  sealOf,
  signCheckpoint,
  signEvent,
} from '../../src/witness/index.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')

async function main(): Promise<void> {
  const [hub = '', most = '', file = ''] = process.argv.slice(2)
  const notes = notesOf(hub, Number(most))
  const events = notes.flatMap((note) => note.events)
  const lines = events.map((event) => canonicalJson(event))
  const bytes = lines.map((line) => Buffer.from(line))
  const signatures = bytes.map((one) => sign(null, one, privateKey))
  const plain = events.map(({ signature: _, sessionkey: __, ...event }) => JSON.stringify(event))
  const result = {
    events: events.length,
    lineBytes: plain.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0) / events.length,
    sign: await rate(events, signOne),
    plainSign: await rate(bytes, (one) => void sign(null, one, privateKey)),
    plainVerify: await rate(
      signatures,
      (signature, at) => void verify(null, bytes[at] as Buffer, publicKey, signature),
    ),
    append: await rate(events, appendOne),
    plainAppend: await rate(plain, (line) => appendFileSync(file, `${line}\n`)),
    seal: (await rate(notes, sealOne)) * (events.length / notes.length),
    plainHash: await rate(bytes, (one) => void createHash('sha256').update(one).digest()),
  }
  console.log(JSON.stringify(result))
}

/** Items per second. */
async function rate<Item>(items: readonly Item[], work: (item: Item, at: number) => unknown): Promise<number> {
  const startedAt = performance.now()
  for (const [at, item] of items.entries()) await work(item, at)
  return (items.length * 1000) / (performance.now() - startedAt)
}

async function signOne({ signature: _, ...body }: SignedEvent): Promise<void> {
  await signEvent(body, async (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'))
}

/** Hash for the next event of the chain, and the commit that carries this one; as an event that was just made. */
function appendOne(event: SignedEvent): void {
  const fresh = { ...event }
  eventHash(fresh, sha256OfText)
  objectId(encodeEventCommit(fresh, EMPTY_TREES.sha1), sha1ObjectHash)
}

async function sealOne(note: Note): Promise<void> {
  const { fold, frontier, root } = sealOf(note.events, undefined, sha256OfBytes)
  const signed = await signCheckpoint(
    { ...note.checkpoint, fold, frontier, root },
    async (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
    sha256OfBytes,
  )
  renderNote(note.events, signed)
}

function notesOf(hub: string, most: number): Note[] {
  const git = (args: readonly string[], input?: string) =>
    execFileSync('git', [`--git-dir=${hub}`, ...args], { input, maxBuffer: 1 << 30 })
  const tree = git(['ls-tree', '-r', 'refs/notes/if-witness']).toString('utf8')
  const notes: Note[] = []
  let events = 0
  for (const line of tree.trimEnd().split('\n')) {
    if (events >= most) break
    const note = parseNote(git(['cat-file', 'blob', line.slice(12).split('\t')[0] ?? '']).toString('utf8'))
    if (note === undefined) continue
    notes.push(note)
    events += note.events.length
  }
  return notes
}

await main()
