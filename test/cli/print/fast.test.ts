import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { switchText } from '../../../src/cli/print/fast.ts'
import { GIT_ALONE } from '../../../src/fast/index.ts'
import type { SessionName, TaskKey } from '../../../src/model/index.ts'

const lapsed = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ task: `TASKS.md:A${at + 1}` as TaskKey, session: 'ada' as SessionName }))

test('what git could not keep is named, ten of it at most, with what to type to have it again', () => {
  const outcome = { kind: 'switched', mode: { ...GIT_ALONE, epoch: 3 }, steps: 3, claims: 2 } as const
  const [decides, why, ...named] = switchText({ ...outcome, lapsed: lapsed(12) }).split('\n')
  assert.match(decides ?? '', /^Git decides claims\. Epoch 3, mode lease [\d.]+ s\. 2 claims held\.$/)
  assert.is(why, 'Held in etcd and not kept in git, so they are over:')
  assert.is(named[0], '  ada held A1; again: if-board claim A1 --session ada')
  assert.equal([named.length, named.at(-1)], [11, '  and 2 more'])
  assert.is(switchText({ ...outcome, lapsed: [] }), decides)
})

test.run()
