/** Every single bit of a log of 200 events: whichever is flipped, in a note or in the history of the ref, it is found. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256OfBytes, sha256OfText, verifyEd25519 } from '../../../src/adapters/process/hashes.ts'
import type { SignedEvent } from '../../../src/model/index.ts'
import {
  type Checkpoint,
  eventHash,
  parseNotesMessage,
  renderNote,
  renderNotesMessage,
  type SignedCheckpoint,
  sealedSessionsOf,
  sealOf,
  signCheckpoint,
  verifyCheckpoint,
} from '../../../src/witness/index.ts'
import { type ExpectedNote, expectNote, judgeNote } from '../../../src/witness/verify/note-rules.ts'
import { isFull } from '../../support/claims.ts'
import { chainOf, keys, oid, session4 } from '../samples.ts'

const EVENTS = 200
const PER_FOLD = 2
/** Of so many bits one is flipped where counts are short; which ones, the seed says. */
const STEP = isFull ? 1 : 97

interface Fold {
  readonly text: Uint8Array
  readonly message: Uint8Array
  readonly signed: SignedCheckpoint
  readonly expected: ExpectedNote
}

async function log(): Promise<Fold[]> {
  const hashOf = (event: SignedEvent) => eventHash(event, sha256OfText)
  const chain = await chainOf(session4, EVENTS, hashOf)
  const folds: Fold[] = []
  let previous: Checkpoint | undefined
  for (let at = 0; at < chain.length; at += PER_FOLD) {
    const events = chain.slice(at, at + PER_FOLD)
    const checkpoint: Checkpoint = {
      boardId: '00000000000000000000000000000001',
      board: oid('b'),
      ...sealOf(events, previous, sha256OfBytes),
      sealedTree: oid('c'),
      sealed: sealedSessionsOf(
        events.map((event) => ({ event, oid: oid('d') })),
        sha256OfText,
      ),
      granted: [oid('e')],
      records: [{ kind: 'fold', commit: oid('b'), author: 'é', time: '2025-11-12T09:30:00.000Z', changes: [] }],
      folder: { session: session4, key: await keys.publicKey(session4) },
    }
    const signed = await signCheckpoint(checkpoint, (text) => keys.sign(session4, text), sha256OfBytes)
    folds.push({
      text: Buffer.from(renderNote(events, signed)),
      message: Buffer.from(renderNotesMessage(signed)),
      signed,
      expected: expectNote({ message: renderNotesMessage(signed), signed }, previous),
    })
    previous = checkpoint
  }
  return folds
}

/** As readers decode a note. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

/** Calls back with the bytes, one bit of them flipped, for every `STEP`th bit. */
function withFlips(bytes: Uint8Array, first: number, look: (flipped: Uint8Array, bit: number) => void): number {
  let flips = 0
  for (let bit = first % STEP; bit < bytes.length * 8; bit += STEP) {
    const at = bit >> 3
    const before = bytes[at] as number
    bytes[at] = before ^ (1 << (bit & 7))
    look(bytes, bit)
    bytes[at] = before
    flips += 1
  }
  return flips
}

const seed = Number(process.env.IF_BOARD_SEED ?? 1)

test(`a flipped bit of a note is found (${EVENTS} events, ${isFull ? 'every bit' : `one bit of ${STEP}`})`, async () => {
  let flips = 0
  for (const [index, { text, expected }] of (await log()).entries()) {
    assert.is(judgeNote(textOf(text), expected, sha256OfBytes).fault, undefined)
    flips += withFlips(text, seed + index, (flipped, bit) => {
      const { fault } = judgeNote(textOf(flipped), expected, sha256OfBytes)
      assert.is.not(fault, undefined, `bit ${bit} of note ${index + 1}`)
    })
  }
  assert.ok(flips > EVENTS * 10, `${flips} flips`)
})

test('a flipped bit of what the history of the notes ref repeats is found', async () => {
  for (const [index, { message, signed }] of (await log()).entries()) {
    assert.ok(verifyCheckpoint(signed, verifyEd25519, sha256OfBytes))
    withFlips(message, seed + index, (flipped, bit) => {
      const read = parseNotesMessage(textOf(flipped))
      const holds = read !== undefined && verifyCheckpoint(read, verifyEd25519, sha256OfBytes)
      assert.not.ok(holds, `bit ${bit} of commit ${index + 1}`)
    })
  }
})

test.run()
