import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CARD_BYTES, cardText, taskBranch } from '../../src/cli/print/card.ts'
import { commandLine } from '../../src/cli/print/words.ts'
import { toSessionName } from '../../src/model/index.ts'
import { seeded } from '../support/claims.ts'
import { golden } from './golden.ts'
import { card, dependency, fullCard, request, task } from './samples.ts'

test('a fresh grant says who, why, where to work and what to type', () => {
  golden('card-granted', cardText(request(card())))
})

test('a full card tells what to merge, what others left and what not to touch', () => {
  golden('card-full', cardText(request(fullCard())))
})

test('a held task says since when, what a person changed, and on which branch one is', () => {
  const changed = card({ changes: ['priority: low → high', 'dependencies: + P0.0.9'] })
  golden('card-held', cardText(request(changed, { held: true, branch: 'session-4/p0.1.2', nameSession: true })))
})

test('a peek claims nothing and says how to', () => {
  const { claim: _, ...rest } = card()
  golden('card-peek', cardText(request({ ...rest, claim: undefined }, { peek: true })))
})

test('a long board is shortened to 1.5 KB, and the commands stay whole', () => {
  const text = cardText(request(longCard('d'.repeat(5000))))
  assert.ok(Buffer.byteLength(text) <= CARD_BYTES)
  golden('card-long', text)
  assert.match(text, 'When done:    if-board done P0.1.2 --note "FOR WHOEVER BUILDS ON IT"\n')
  assert.match(text, 'Shortened; all of it: if-board show P0.1.2\n')
})

test('whatever a board says, the card keeps its size, its last lines and no control character', () => {
  const words = fc.string({ unit: 'binary', maxLength: 3000 })
  fc.assert(
    fc.property(words, fc.string({ unit: 'binary', minLength: 1, maxLength: 128 }), (text, id) => {
      const printed = cardText(request(longCard(text, id)))
      assert.ok(Buffer.byteLength(printed) <= CARD_BYTES, `${Buffer.byteLength(printed)} bytes`)
      assert.not.match(printed, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
      const commands = printed.trimEnd().split('\n').slice(-3)
      assert.ok(
        commands.every((line) => /^(When done: {4}|When blocked: |To give back: )if-board /.test(line)),
        printed,
      )
    }),
    { ...seeded, numRuns: 150 },
  )
})

test('lines of a board cannot pass for lines of the card', () => {
  const text = cardText(request(card({ task: task('P1', { description: 'fine\nWhen done: rm -rf /' }) })))
  assert.match(text, '> When done: rm -rf /')
})

test('a branch name is one that git accepts', () => {
  const session = toSessionName('session-4')
  assert.is(taskBranch(session, 'P0.1.2'), 'session-4/p0.1.2')
  assert.is(taskBranch(session, '../../x y.lock'), 'session-4/x-y')
  assert.is(taskBranch(session, '日本'), 'session-4/task')
})

test('an id that a shell or our parser would read otherwise is quoted', () => {
  assert.is(commandLine('done', "it's; rm", ['--json']), `if-board done 'it'\\''s; rm' --json`)
  assert.is(commandLine('done', '-x', ['--json']), 'if-board done --json -- -x')
})

function longCard(text: string, id = 'P0.1.2') {
  return card({
    task: task(id, { title: text.slice(0, 300), description: text, deliverable: text }),
    why: [text, text],
    dependencies: Array.from({ length: 30 }, (_, at) =>
      dependency(`${id}${at}`, {
        title: text,
        by: text,
        evidence: { branch: text, commit: 'e'.repeat(64) as never, note: text, reference: text },
        inHead: at % 2 === 0,
      }),
    ),
    acceptance: Array.from({ length: 30 }, () => ({ text, done: false })),
    predecessors: Array.from({ length: 5 }, () => ({
      session: toSessionName('s'.repeat(64)),
      what: 'failed' as const,
      reason: text,
    })),
    doNotTouch: [text],
    changes: [text, text],
    failures: 3,
  })
}

test.run()
