/** `if-board witness prune` as people type it. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { pruneText } from '../../../src/cli/print/witness-prune.ts'
import { makeWorld } from '../world.ts'

test('what is too young, or not said, is refused with a hint and exit 2; nothing old is nothing', async () => {
  const world = await makeWorld()
  try {
    const folder = await world.clone('project')
    await world.run(folder, ['init', '--local'])
    const young = await world.run(folder, ['witness', 'prune', '--older-than', '182', '--dry-run'])
    assert.is(young.status, 2, young.stderr)
    assert.match(young.stderr, /\[witness\/too-young\]\n {2}try: .*--older-than 183/)
    for (const typed of [[], ['--older-than', '200', '--before', '2020-01-01'], ['--older-than', '1.5']]) {
      const answer = await world.run(folder, ['witness', 'prune', ...typed])
      assert.is(answer.status, 2, typed.join(' '))
      assert.match(answer.stderr, /usage\/invalid/)
    }
    const unclear = await world.run(folder, ['witness', 'prune', '--before', 'yesterday'])
    assert.match(unclear.stderr, /--before: `yesterday` is not a time/)
    const old = await world.run(folder, ['witness', 'prune', '--before', '2020-01-01', '--json'])
    assert.is(old.status, 0, old.stderr)
    assert.is(JSON.parse(old.stdout).kind, 'nothing')
  } finally {
    await world.remove()
  }
})

test('it says how much went, how much would go, and that nothing is left', () => {
  const taken = { throughFold: 41, folds: 40, events: 1 }
  assert.is(
    pruneText({ kind: 'pruned', ...taken }, '2026-01-01').split('\n')[0],
    'Pruned 1 event of 40 folds, through fold 41, all from before 2026-01-01; checkpoints stay.',
  )
  assert.match(pruneText({ kind: 'would-prune', ...taken }, '2026-01-01'), /^Would prune .*Nothing was changed\.\n$/)
  assert.is(pruneText({ kind: 'nothing' }, '2026-01-01'), 'No events of before 2026-01-01 are left to prune.\n')
})

test.run()
