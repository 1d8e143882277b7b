import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { judgePush } from '../../../src/adapters/git/push-answer.ts'
import { toRefName } from '../../../src/model/index.ts'

const s = toRefName('refs/if-board/s/one-00000000')
const c = toRefName('refs/if-board/c/one-00000000')
const oid = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

function judge(lines: readonly string[], stderr = '', exitCode = 1) {
  const stdout = ['To somewhere', ...lines, ''].join('\n')
  return judgePush({ exitCode, stdout, stderr, timedOut: false }, [s, c])
}

const line = (flag: string, ref: string, summary: string) => `${flag}\t${oid}:${ref}\t${summary}`

test('every flag that moves a ref counts, on every ref, whatever the exit status', () => {
  assert.is(judge([line('*', s, '[new reference]'), line(' ', c, 'a..b')], '', 0).kind, 'moved')
  assert.is(judge([line('+', s, 'a...b (forced update)'), line('-', c, '[deleted]')], '', 1).kind, 'moved')
})

test('an answer about one ref only is not a success', () => {
  assert.is(judge([line('*', s, '[new reference]')], '', 0).kind, 'unclear')
})

test('up to date with exit status 0 is no success', () => {
  const both = [line('=', s, '[up to date]'), line('=', c, '[up to date]')]
  assert.equal(judge(both, '', 0), { kind: 'stale', refs: [s, c] })
  assert.is(judge([line('=', s, '[up to date]'), line('*', c, '[new reference]')], '', 0).kind, 'torn')
})

test('a lease that does not hold names its ref alone', () => {
  const said = [line('!', s, '[rejected] (atomic push failed)'), line('!', c, '[rejected] (stale info)')]
  assert.equal(judge(said), { kind: 'stale', refs: [c] })
})

test('a transaction that failed at the server is unclear, unless it names a lock', () => {
  const said = [s, c].map((ref) => line('!', ref, '[remote rejected] (atomic transaction failed)'))
  const moved = `remote: error: cannot lock ref '${c}': is at ${oid} but expected ${oid}`
  assert.is(judge(said, moved).kind, 'unclear')
  const locked = `remote: error: cannot lock ref '${c}': Unable to create '/srv/x.git/./${c}.lock': File exists.`
  assert.equal(judge(said, locked), {
    kind: 'busy',
    reason: 'a ref is locked at the authority',
    lock: `/srv/x.git/./${c}.lock`,
  })
  const own = `error: update_ref failed: Unable to create '/hub.git/refs/remotes/o/x.lock': File exists.`
  assert.is(judge(said, own).kind, 'unclear')
})

test('hooks, rules and protections are refusals', () => {
  for (const reason of [
    'pre-receive hook declined',
    'hook declined',
    'protected branch hook declined',
    'push declined due to repository rule violations',
    'deny updating a hidden ref',
    'non-fast-forward',
    'deletion prohibited',
    'unpacker error',
  ]) {
    const said = [
      line('!', s, `[remote rejected] (${reason})`),
      line('!', c, '[remote rejected] (atomic push failure)'),
    ]
    assert.is(judge(said).kind, 'refused', reason)
  }
})

test('without a word about refs: no access is a refusal, all else is not known', () => {
  const push = (stderr: string) => judgePush({ exitCode: 128, stdout: '', stderr, timedOut: false }, [c]).kind
  assert.is(push("fatal: unable to access 'https://h/x/': The requested URL returned error: 403"), 'refused')
  assert.is(push('fatal: remote error: access denied or repository not exported: /x.git'), 'refused')
  assert.is(push('fatal: the receiving end does not support --atomic push'), 'unsupported')
  assert.is(push('fatal: the remote end hung up unexpectedly'), 'silent')
  assert.is(push("fatal: unable to access 'https://h/x/': The requested URL returned error: 500"), 'silent')
  assert.is(push(''), 'silent')
})

test('lines that a server made up are not taken for refs', () => {
  const said = ['*\tx\ty', '*\tno tab', '!', '*\ta:refs/../x\t[new]', line('*', s, 'n'), line('*', c, 'n')]
  assert.is(judge(said).kind, 'moved')
})

test.run()
