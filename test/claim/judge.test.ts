import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  failuresSoFar,
  isDone,
  isSettled,
  type Judgement,
  type JudgeRequest,
  judge,
  nextEpoch,
} from '../../src/claim/index.ts'
import type { ClaimRecord, StatusWord, TaskState } from '../../src/model/index.ts'
import { claimRecord, oid, seeded, taskState } from '../support/claims.ts'

const commit = oid('e')
const g = claimRecord({ digit: '1', kind: 'granted' })
const newer = claimRecord({ digit: '2', kind: 'granted', session: 'session-2' })
const r = claimRecord({ digit: '3', kind: 'returned' })
const d = claimRecord({ digit: '4', kind: 'completed' })
const every = { absent: undefined, r, g, d } as const

/** The board shows `shown` for the claim `of`, and a person has changed the word to `text`. */
function judged(text: StatusWord, shown: StatusWord, claim: ClaimRecord | undefined, more: Partial<Asked> = {}) {
  const { of, said, voided, ...request } = more
  const state = taskState({
    shown,
    ...(of === undefined ? {} : { claim: of.oid }),
    ...(said === undefined ? {} : { said: { status: said, commit } }),
    ...(voided === undefined ? {} : { void: voided.oid }),
  })
  return judge({ text, state, claim, since: 0, doneWhen: 'reported', ...request })
}

interface Asked extends Pick<JudgeRequest, 'since' | 'doneWhen'> {
  readonly of: ClaimRecord
  readonly said: StatusWord
  readonly voided: ClaimRecord
}

const kind = ({ standing }: Judgement) => standing.kind

test('an untouched task without a claim is open', () => {
  assert.is(
    kind(judge({ text: 'available', state: undefined, claim: undefined, since: 0, doneWhen: 'reported' })),
    'open',
  )
})

test('where the text is what was shown, the claim ref decides', () => {
  const now = Object.entries(every).map(([name, claim]) => `${name} ${kind(judged('available', 'available', claim))}`)
  assert.equal(now, ['absent open', 'r open', 'g held', 'd completed'])
  const shown = Object.entries(every).map(([name, claim]) => `${name} ${kind(judged('claimed', 'claimed', claim))}`)
  assert.equal(shown, ['absent open', 'r open', 'g held', 'd completed'])
})

test('a BLOCKED that a fold or init wrote is for information: the claim ref decides', () => {
  assert.is(kind(judged('blocked', 'blocked', undefined)), 'open')
  assert.is(kind(judged('blocked', 'blocked', g)), 'held')
})

for (const [name, claim] of [
  ['absent', undefined],
  ['r', r],
  ['g', g],
] as const)
  test(`done typed while R is ${name}: settled by the person, and R's value is over`, () => {
    const now = judged('done', 'available', claim)
    assert.is(kind(now), 'settled-by-person')
    assert.is(now.target, 'done')
    assert.is(now.said, 'done')
    assert.is(now.voids, true)
    assert.ok(isDone(now.standing) && isSettled(now.standing))
  })

test('done typed while R is d: one completion, the session’s', () => {
  const now = judged('done', 'claimed', d, { of: g })
  assert.equal(now.standing, { kind: 'completed', claim: d })
  assert.is(now.said, undefined)
})

test('done typed while R is d lifts a review: the person saw it', () => {
  assert.is(kind(judged('done', 'review', d, { of: d, doneWhen: 'merged' })), 'completed')
})

test('done by a person stands whatever R says later', () => {
  for (const claim of Object.values(every))
    assert.is(kind(judged('done', 'done', claim, { said: 'done' })), 'settled-by-person')
})

test('done by a session stands whatever R says later', () => {
  for (const claim of Object.values(every)) assert.is(kind(judged('done', 'done', claim, { of: d })), 'completed')
})

test('available typed over the claim that was shown: revoked', () => {
  const now = judged('available', 'claimed', g, { of: g })
  assert.is(kind(now), 'open')
  assert.is(now.revoked, g)
  assert.is(now.voids, true)
  assert.is(now.said, 'available')
})

test('available typed for an older claim has no effect, and the word comes back', () => {
  const now = judged('available', 'claimed', newer, { of: g })
  assert.equal(now.standing, { kind: 'held', claim: newer })
  assert.is(now.target, 'claimed')
  assert.is(now.overruled, true)
  assert.is(now.revoked, undefined)
})

test('available typed over a claim that was completed meanwhile: the completion came first', () => {
  assert.equal(judged('available', 'claimed', d, { of: g }).standing, { kind: 'completed', claim: d })
})

test('available typed over a claim that is gone already: open', () => {
  assert.is(kind(judged('available', 'claimed', undefined, { of: g })), 'open')
  assert.is(kind(judged('available', 'claimed', r, { of: g })), 'open')
})

test('available typed over done, with R absent or still the old completion: reopened', () => {
  for (const claim of [undefined, d]) {
    const now = judged('available', 'done', claim, { of: d })
    assert.is(kind(now), 'open')
    assert.is(now.said, 'available')
    assert.is(now.voids, true)
    assert.is(now.revoked, undefined)
  }
})

test('available typed over done and taken again since: refs decide', () => {
  assert.equal(judged('available', 'done', newer, { of: d }).standing, { kind: 'held', claim: newer })
  const again = claimRecord({ digit: '5', kind: 'completed' })
  assert.equal(judged('available', 'done', again, { of: d }).standing, { kind: 'completed', claim: again })
})

test('available typed over anything else: refs decide', () => {
  for (const shown of ['blocked', 'paused', 'review', 'cancelled'] as const) {
    const now = Object.values(every).map((claim) => kind(judged('available', shown, claim)))
    assert.equal(now, ['open', 'open', 'held', 'completed'], shown)
  }
})

for (const shown of ['available', 'done'] as const)
  test(`claimed typed over ${shown} while nobody holds it: held by the person`, () => {
    for (const claim of [undefined, r, ...(shown === 'done' ? [d] : [])]) {
      const now = judged('claimed', shown, claim, shown === 'done' ? { of: d } : {})
      assert.is(kind(now), 'held-by-person')
      assert.is(now.said, 'claimed')
      assert.is(now.target, 'claimed')
    }
  })

test('claimed typed over available while a session holds it: the session holds, and the person is told', () => {
  const now = judged('claimed', 'available', g)
  assert.equal(now.standing, { kind: 'held', claim: g })
  assert.is(now.overruled, true)
})

test('claimed typed over available while it is completed: the completion came first', () => {
  assert.is(kind(judged('claimed', 'available', d)), 'completed')
})

test('a person’s CLAIMED stands until the cell changes; only a completion settles past it', () => {
  const now = Object.values(every).map((claim) => kind(judged('claimed', 'claimed', claim, { said: 'claimed' })))
  assert.equal(now, ['held-by-person', 'held-by-person', 'held-by-person', 'completed'])
})

for (const word of ['blocked', 'paused'] as const) {
  test(`${word} typed: set aside, and a holder may finish`, () => {
    assert.equal(judged(word, 'available', undefined).standing, { kind: 'paused', holder: undefined })
    assert.equal(judged(word, 'available', r).standing, { kind: 'paused', holder: undefined })
    assert.equal(judged(word, 'claimed', g, { of: g }).standing, { kind: 'paused', holder: g })
    assert.is(judged(word, 'claimed', g, { of: g }).target, word)
  })

  test(`${word} typed while R is d: the completion came first`, () => {
    assert.is(kind(judged(word, 'claimed', d, { of: g })), 'completed')
  })

  test(`${word} typed over done sets a finished task aside, its old completion included`, () => {
    assert.is(kind(judged(word, 'done', undefined, { of: d })), 'paused')
    assert.is(kind(judged(word, 'done', d, { of: d })), 'paused')
  })

  test(`a person's ${word} stands until the cell changes; only a completion settles past it`, () => {
    const now = Object.values(every).map((claim) => kind(judged(word, word, claim, { said: word })))
    assert.equal(now, ['paused', 'paused', 'paused', 'completed'])
  })
}

test('cancelled typed: settled, and satisfies nothing', () => {
  for (const claim of Object.values(every)) {
    const now = judged('cancelled', 'available', claim)
    assert.is(kind(now), 'cancelled')
    assert.is(now.voids, true)
    assert.not.ok(isDone(now.standing))
    assert.ok(isSettled(now.standing))
  }
})

test('a status text that is not understood is never offered and keeps its holder', () => {
  assert.equal(judged('unknown', 'available', undefined).standing, { kind: 'unknown', holder: undefined })
  assert.equal(judged('unknown', 'claimed', g, { of: g }).standing, { kind: 'unknown', holder: g })
  assert.is(kind(judged('unknown', 'claimed', d, { of: g })), 'completed')
})

test('a value that an earlier edit made void counts as absent, whatever the person said since', () => {
  for (const said of ['available', 'done', 'claimed', 'paused', 'cancelled'] as const)
    for (const claim of [g, d]) {
      const before = kind(judged(said, said, undefined, { said, voided: claim }))
      assert.is(kind(judged(said, said, claim, { said, voided: claim })), before, `${said} ${claim.kind}`)
    }
})

test('after a revoke was folded, the value that is not swept yet holds nothing, and a new claim does', () => {
  assert.is(kind(judged('available', 'available', g, { said: 'available', voided: g })), 'open')
  assert.is(kind(judged('available', 'available', newer, { said: 'available', voided: g })), 'held')
})

test('a claim of an older mode epoch than still counts is void, a completion never is', () => {
  const claim = claimRecord({ digit: '6', kind: 'granted', modeEpoch: 3 })
  assert.is(kind(judged('available', 'available', claim, { since: 4 })), 'open')
  assert.is(kind(judged('available', 'available', claim, { since: 3 })), 'held')
  assert.is(kind(judged('available', 'available', claim, { since: 1 })), 'held')
  assert.is(kind(judged('available', 'available', d, { since: 4 })), 'completed')
})

test('a completion that must be merged is in review until it is', () => {
  assert.is(kind(judged('claimed', 'claimed', d, { of: g, doneWhen: 'merged' })), 'review')
  assert.not.ok(isDone(judged('claimed', 'claimed', d, { of: g, doneWhen: 'merged' }).standing))
  const merged = claimRecord({ digit: '7', kind: 'completed', type: 'merged' })
  assert.is(kind(judged('review', 'review', merged, { of: d, doneWhen: 'merged' })), 'completed')
})

test('the next grant is one more than ref and state have counted, and failures are kept', () => {
  const failed = claimRecord({ digit: '8', kind: 'returned', epoch: 3, failures: 2 })
  assert.is(nextEpoch(failed, taskState({ shown: 'available', grants: 7 })), 8)
  assert.is(nextEpoch(failed, taskState({ shown: 'available', grants: 1 })), 4)
  assert.is(nextEpoch(undefined, undefined), 1)
  assert.is(failuresSoFar(failed, taskState({ shown: 'available', failures: 1 })), 2)
  assert.is(failuresSoFar(undefined, taskState({ shown: 'available', failures: 5 })), 5)
})

const WORDS = ['available', 'claimed', 'review', 'done', 'blocked', 'paused', 'cancelled'] as const
const CLAIMS = [undefined, g, newer, r, d, claimRecord({ digit: '7', kind: 'completed', type: 'merged' })]

const states: fc.Arbitrary<TaskState> = fc
  .record({
    shown: fc.constantFrom(...WORDS),
    said: fc.constantFrom(undefined, ...WORDS),
    claim: fc.constantFrom(...CLAIMS),
    voided: fc.constantFrom(...CLAIMS),
  })
  .map(({ shown, said, claim, voided }) =>
    taskState({
      shown,
      ...(claim === undefined ? {} : { claim: claim.oid }),
      ...(said === undefined ? {} : { said: { status: said, commit } }),
      ...(voided === undefined ? {} : { void: voided.oid }),
    }),
  )

const requests: fc.Arbitrary<JudgeRequest> = fc.record({
  text: fc.constantFrom(...WORDS, 'unknown' as const),
  state: fc.option(states, { nil: undefined }),
  claim: fc.constantFrom(...CLAIMS),
  since: fc.constantFrom(0, 0, 0, 1),
  doneWhen: fc.constantFrom('reported' as const, 'merged' as const),
})

const check = (property: (request: JudgeRequest) => boolean) => () =>
  fc.assert(fc.property(requests, property), { ...seeded, numRuns: 3000 })

test(
  'every combination of text, state and ref is judged, as exactly one standing',
  check((request) => {
    const { standing, target, said } = judge(request)
    return (
      typeof standing.kind === 'string' &&
      // What a person decided is what the fold leaves in the text, or the word that means "open".
      (said === undefined || target === said || (said === 'available' && target === undefined))
    )
  }),
)

test(
  'an unknown text is never open',
  check((request) => judge({ ...request, text: 'unknown' }).standing.kind !== 'open'),
)

test(
  'only who is in R holds, and only a completion or a person’s word is done',
  check((request) => {
    const { standing } = judge(request)
    if (standing.kind === 'held') return standing.claim === request.claim && request.claim?.kind === 'granted'
    if (standing.kind === 'settled-by-person') return request.text === 'done'
    if (standing.kind === 'completed') return request.text === 'done' || request.claim?.kind === 'completed'
    return true
  }),
)

test(
  'a claim is revoked only where a person changed the text',
  check((request) => {
    const { revoked } = judge(request)
    return revoked === undefined || request.text !== (request.state?.shown ?? 'available')
  }),
)

test('what was done as shown stays done, whatever becomes of R', () =>
  fc.assert(
    fc.property(states, fc.constantFrom(...CLAIMS), (state, claim) =>
      isDone(
        judge({ text: 'done', state: { ...state, shown: 'done' }, claim, since: 0, doneWhen: 'reported' }).standing,
      ),
    ),
    seeded,
  ))

test.run()
