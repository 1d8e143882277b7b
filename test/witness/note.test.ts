import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256OfBytes, sha256OfText, verifyEd25519 } from '../../src/adapters/process/hashes.ts'
import { type SignedEvent, taskKey, toTaskId } from '../../src/model/index.ts'
import {
  type Checkpoint,
  checkpointText,
  eventHash,
  foldMessage,
  parseNote,
  parseNotesMessage,
  parseSignedCheckpoint,
  renderNote,
  renderNotesMessage,
  renderSignedCheckpoint,
  type SignedCheckpoint,
  sealHolds,
  sealOf,
  signCheckpoint,
  verifyCheckpoint,
  witnessBefore,
} from '../../src/witness/index.ts'
import { board, chainOf, keys, oid, session4 } from './samples.ts'

const hashOf = (event: SignedEvent): string => eventHash(event, sha256OfText)

async function fold(
  events: readonly SignedEvent[],
  previous: Checkpoint | undefined,
  change: Partial<Checkpoint> = {},
): Promise<SignedCheckpoint> {
  const checkpoint: Checkpoint = {
    boardId: '00000000000000000000000000000001',
    board: oid('b'),
    ...sealOf(events, previous, sha256OfBytes),
    sealedTree: oid('c'),
    sealed: [{ session: session4, sequence: 3, hash: 'f'.repeat(64), commit: oid('d') }],
    granted: [oid('e')],
    records: [
      {
        kind: 'edit',
        commit: oid('9'),
        author: 'Ada\u001b[31m — x\n\n— if-board/1 AAAA',
        time: '2025-11-12T09:30:00.000Z',
        changes: [{ key: taskKey(board, toTaskId('P0.1.2')), field: 'status', from: 'CLAIMED', to: 'AVAILABLE' }],
      },
    ],
    folder: { session: session4, key: await keys.publicKey(session4) },
    ...change,
  }
  return signCheckpoint(checkpoint, (text) => keys.sign(session4, text), sha256OfBytes)
}

test('a record may count changes that it does not list; a count of none is refused', async () => {
  const edit = { kind: 'edit', commit: oid('9'), author: 'Ada', time: '2025-11-12T09:30:00.000Z', changes: [] } as const
  const signed = await fold([], undefined, { records: [{ ...edit, more: 3 }, edit] })
  const text = renderNote([], signed)
  assert.equal(parseNote(text)?.checkpoint.records, [{ ...edit, more: 3 }, edit])
  for (const wrong of ['0', '-1', '1.5', '"3"'])
    assert.is(parseNote(text.replace('"more":3', `"more":${wrong}`)), undefined)
})

test('a note shows its events, one a line, and then the checkpoint line by line', async () => {
  const events = await chainOf(session4, 3, hashOf)
  const signed = await fold(events, undefined)
  const lines = renderNote(events, signed).split('\n')
  assert.equal(
    lines.map((line) => line.slice(0, line.startsWith('{') ? 1 : Math.max(line.indexOf(' '), 0)) || line),
    [
      '{',
      '{',
      '{',
      '',
      `if-board/${signed.checkpoint.boardId}`,
      '3',
      lines[6],
      'fold',
      'board',
      'sealed-tree',
      'folder',
      'frontier',
      'frontier',
      'sealed',
      'granted',
      'record',
      '',
      '—',
      '',
    ],
  )
})

test('what was rendered reads back: with events, without, first fold and next', async () => {
  const events = await chainOf(session4, 5, hashOf)
  const first = await fold(events.slice(0, 3), undefined, { sealedTree: undefined, records: [], granted: [] })
  const second = await fold(events.slice(3), first.checkpoint)
  const third = await fold([], second.checkpoint)
  for (const [some, signed] of [
    [events.slice(0, 3), first],
    [events.slice(3), second],
    [[], third],
  ] as const) {
    const note = parseNote(renderNote(some, signed))
    assert.equal(plain(note), plain({ ...signed, events: some }))
  }
  assert.equal([third.checkpoint.fold, third.checkpoint.frontier.size], [3, 5])
})

test('the root over two folds is the root of all events at once', async () => {
  const events = await chainOf(session4, 5, hashOf)
  const first = sealOf(events.slice(0, 2), undefined, sha256OfBytes)
  const second = sealOf(events.slice(2), first, sha256OfBytes)
  assert.equal(plain(second.root), plain(sealOf(events, undefined, sha256OfBytes).root))
})

test('a seal holds for its own events in their order, after its own predecessor, and for nothing else', async () => {
  const events = await chainOf(session4, 4, hashOf)
  const first = await fold(events.slice(0, 2), undefined)
  const second = { ...(await fold(events.slice(2), first.checkpoint)), events: events.slice(2) }
  assert.ok(sealHolds(second, first.checkpoint, sha256OfBytes))
  assert.not.ok(sealHolds({ ...second, events: events.slice(2).reverse() }, first.checkpoint, sha256OfBytes))
  assert.not.ok(sealHolds({ ...second, events: events.slice(3) }, first.checkpoint, sha256OfBytes))
  assert.not.ok(sealHolds(second, undefined, sha256OfBytes))
  assert.not.ok(sealHolds(second, { ...first.checkpoint, boardId: 'another' }, sha256OfBytes))
  assert.not.ok(sealHolds(second, { ...first.checkpoint, fold: 2 }, sha256OfBytes))
  const forged = { ...second, checkpoint: { ...second.checkpoint, root: first.checkpoint.root } }
  assert.not.ok(sealHolds(forged, first.checkpoint, sha256OfBytes))
})

test('the signature covers every byte before the blank line, and the key id names the folder’s key', async () => {
  const signed = await fold(await chainOf(session4, 1, hashOf), undefined)
  assert.ok(verifyCheckpoint(signed, verifyEd25519, sha256OfBytes))
  const text = renderSignedCheckpoint(signed)
  const changed = { ...signed, checkpoint: { ...signed.checkpoint, fold: 2 } }
  assert.not.ok(verifyCheckpoint(changed, verifyEd25519, sha256OfBytes))
  assert.not.ok(verifyCheckpoint({ ...signed, keyId: '00000000' }, verifyEd25519, sha256OfBytes))
  for (let at = 0; at < text.length; at += 1) {
    const digit = text[at] === 'A' ? 'B' : 'A'
    const read = parseSignedCheckpoint(text.slice(0, at) + digit + text.slice(at + 1))
    assert.ok(read === undefined || !verifyCheckpoint(read, verifyEd25519, sha256OfBytes), `character ${at}`)
  }
})

test('a verifier of C2SP signed notes that knows nothing of boards accepts the checkpoint', async () => {
  const signed = await fold(await chainOf(session4, 1, hashOf), undefined)
  const note = renderSignedCheckpoint(signed)
  // As the specification tells it: text up to the last blank line, key id from name, 0x0A, 0x01 and key.
  const end = note.lastIndexOf('\n\n') + 1
  const [dash, name, base64] = note
    .slice(end + 1)
    .trimEnd()
    .split(' ')
  const blob = Buffer.from(base64 as string, 'base64')
  const key = Buffer.from(signed.checkpoint.folder.key, 'base64url')
  const id = createHash('sha256')
    .update(Buffer.concat([Buffer.from(`${name}\n\u0001`), key]))
    .digest()
  assert.is(dash, '—')
  assert.is(name, note.split('\n')[0])
  assert.ok(blob.subarray(0, 4).equals(id.subarray(0, 4)))
  assert.ok(verifyEd25519(key.toString('base64url'), note.slice(0, end), blob.subarray(4).toString('base64url')))
  assert.not.match(note, /[\u0000-\u0009\u000b-\u001f]/)
})

test('a text with a line too many, too few, twice, out of order or unknown is no checkpoint', async () => {
  const signed = await fold(await chainOf(session4, 3, hashOf), undefined)
  const note = renderSignedCheckpoint(signed)
  assert.ok(parseSignedCheckpoint(note))
  const lines = checkpointText(signed.checkpoint).split('\n')
  const wrong = [
    '',
    '\n\n',
    note.slice(0, -1),
    `${note}\n`,
    `\n${note}`,
    note.replace('if-board/', 'other/'),
    note.replace('\nfold 1\n', '\nfold 0\n'),
    note.replace('\nfold 1\n', '\nfold 01\n'),
    note.replace('\nfold 1\n', '\nfold 1\nfold 1\n'),
    note.replace('\nfold 1\n', '\n'),
    note.replace('\nfold 1\n', '\nfold 1\nweather fine\n'),
    note.replace('\n3\n', '\n4\n'),
    note.replace('\n3\n', '\n03\n'),
    note.replace(`${lines[3]}\n${lines[4]}`, `${lines[4]}\n${lines[3]}`),
    note.replace('frontier ', 'frontier  '),
    note.replace('"kind":"edit"', '"kind":"else"'),
    note.replace('TASK-BOARD.md:P0', '../x.md:P0'),
    note.replace('{"author"', '{ "author"'),
    note.replaceAll('\n', '\r\n'),
  ]
  for (const text of wrong) assert.is(parseSignedCheckpoint(text), undefined, text.slice(0, 300))
})

test('a note with a broken event line is refused whole', async () => {
  const events = await chainOf(session4, 2, hashOf)
  const note = renderNote(events, await fold(events, undefined))
  assert.ok(parseNote(note))
  for (const text of [
    note.replace('{', '{ '),
    note.replace('\n\n', '\n'),
    note.replace('\n', '\n\n'),
    `\n${note}`,
    '{',
    '',
  ])
    assert.is(parseNote(text), undefined)
})

test('the notes commit repeats the signed checkpoint and names fold and board commit', async () => {
  const signed = await fold(await chainOf(session4, 1, hashOf), undefined)
  const message = renderNotesMessage(signed)
  assert.ok(message.startsWith(`Seal fold 1 of ${oid('b')}\n\nif-board/`))
  assert.equal(plain(parseNotesMessage(message)), plain(signed))
  for (const text of [message.replace('fold 1', 'fold 2'), message.slice(1), 'Notes added by git', ''])
    assert.is(parseNotesMessage(text), undefined)
})

/** Bytes as hexadecimal, so that a Buffer equals a Uint8Array of the same bytes. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, item) => {
      if (item instanceof Uint8Array) return Buffer.from(item).toString('hex')
      return item?.type === 'Buffer' ? Buffer.from(item.data).toString('hex') : item
    }),
  )
}

test('the message of a fold names the log it stood on, as a trailer of git, and the first one that there was none', () => {
  const message = foldMessage({ subject: 'Fold P0.1.2 done by session-4', nonce: 'ab12', notesBefore: oid('7') })
  assert.equal(message.split('\n'), [
    'Fold P0.1.2 done by session-4 [skip ci]',
    '',
    'Fold ab12: board, state and witness note in one push.',
    '',
    `Witness-Before: ${oid('7')}`,
    '',
  ])
  assert.is(witnessBefore(message), oid('7'))
  assert.is(witnessBefore(foldMessage({ subject: 'Fold', nonce: 'ab12', notesBefore: undefined })), 'none')
  assert.is(gitTrailers(message), `Witness-Before: ${oid('7')}\n`)
})

test('a message that does not end with that one line names no log', () => {
  const end = `Witness-Before: ${oid('7')}`
  for (const message of [
    '',
    end,
    `${end}\n`,
    `Fold\n${end}\n`,
    `Fold\n\n${end}`,
    `Fold\n\n${end}\n\n`,
    `Fold\n\n${end}0\n`,
  ])
    assert.is(witnessBefore(message), undefined, JSON.stringify(message))
  for (const value of ['', 'NONE', 'none ', 'f'.repeat(39), 'F'.repeat(40), `none\nWitness-Before: ${oid('7')}`])
    assert.is(witnessBefore(`Fold\n\nWitness-Before: ${value}\n`), undefined, value)
})

/** What git itself reads as trailers (git-interpret-trailers(1)). */
function gitTrailers(message: string): string {
  return execFileSync('git', ['interpret-trailers', '--parse'], { input: message, encoding: 'utf8' })
}

test.run()
