import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { capabilityWords, nearMisses } from '../../src/workflows/capability-words.ts'
import { codeOf } from '../support/acts.ts'
import { boardOf } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

test('words stand between commas, blanks around them are nothing', () => {
  assert.equal(capabilityWords('--can', ' rust, sip ,,gpu'), ['rust', 'sip', 'gpu'])
  assert.is(capabilityWords('--can', undefined), undefined)
})

test('what names nothing, and more than count, is refused', async () => {
  for (const words of ['rust,\u0000', '::', 'x,'.repeat(201).replace(/x/g, 'c')])
    assert.is(await codeOf(Promise.resolve().then(() => capabilityWords('--can', words))), 'usage/invalid')
})

test('a near miss is told, a word of its own is not', () =>
  on(boardOf(['T1']), async (_fleet, { box }) => {
    assert.equal(nearMisses(box, ['code-analysis:pyton', 'gpu', 'Rust', 'model:x']), [
      '`code-analysis:pyton` is no known capability; did you mean `code-analysis:python`?',
    ])
  }))

test.run()
