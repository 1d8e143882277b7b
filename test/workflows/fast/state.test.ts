/** What folds keep of the fast path, read back; and what nobody but a fold would have written. */
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { FastState } from '../../../src/fast/index.ts'
import type { SessionName } from '../../../src/model/index.ts'
import { FAST_STATE_FILE, NOTHING_FOLDED, parseFastState, renderFastState } from '../../../src/workflows/fast/state.ts'
import { foldReading } from '../../../src/workflows/fold.ts'
import { read } from '../../../src/workflows/read.ts'
import { claim, codeOf, done, settle } from '../../support/acts.ts'
import { seeded } from '../../support/claims.ts'
import { boardOf, names } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'

const [s1, s2] = names(2) as [SessionName, SessionName]
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const states: fc.Arbitrary<FastState> = fc.record(
  {
    closed: count,
    folded: fc.option(fc.record({ epoch: count, revision: count }, { noNullPrototype: true }), { nil: undefined }),
  },
  { noNullPrototype: true },
)

test('what was written is read back, for every state', () =>
  fc.assert(
    fc.property(states, (state) => {
      assert.equal(parseFastState(renderFastState(state)), state)
    }),
    { ...seeded, numRuns: 300 },
  ))

for (const text of [
  '',
  'null',
  '[]',
  '{}',
  '{"closed":-1}',
  '{"closed":1.5}',
  '{"closed":"1"}',
  '{"closed":1,"folded":7}',
])
  test(`\`${text}\` is no state, and is not read as nothing`, () =>
    assert.throws(
      () => parseFastState(text),
      (error: { code: string }) => error.code === 'state/invalid',
    ))

test('a fold that takes nothing from etcd leaves it as it is, one that does writes it', () =>
  on(boardOf(['P1'], ['P2']), async (fleet, a) => {
    assert.equal((await read(a.box)).branch.fast, NOTHING_FOLDED)
    const fast = { closed: 3, folded: { epoch: 4, revision: 77 } }
    const request = { folder: s2, sealed: [], sweeps: true }
    assert.is((await foldReading(a.box, await read(a.box), { ...request, fast })).kind, 'folded')
    assert.equal((await read(a.box)).branch.fast, fast)
    await claim(a, s1, 'P1')
    await done(a, s1)
    await settle(a, s2)
    assert.equal((await read(a.box)).branch.fast, fast)
    assert.is(await fleet.text(FAST_STATE_FILE), '{"closed":3,"folded":{"epoch":4,"revision":77}}\n')
    await fleet.edit(() => 'nonsense', { file: FAST_STATE_FILE })
    assert.is(await codeOf(read(a.box)), 'state/invalid')
  }))

test.run()
