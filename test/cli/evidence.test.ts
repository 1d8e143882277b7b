import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { toCost, toPositive, toUsd } from '../../src/cli/evidence.ts'
import { EXIT, exitOfError } from '../../src/cli/exit.ts'
import { toObjectId } from '../../src/model/index.ts'
import type { WorkRepository } from '../../src/ports/index.ts'
import { gatherEvidence } from '../../src/workflows/gather-evidence.ts'

const HEAD = toObjectId('a'.repeat(40))
const OLD = toObjectId('b'.repeat(40))
const ELSEWHERE = toObjectId('c'.repeat(40))
const nothing = { evidence: undefined, note: undefined }

const work: WorkRepository = {
  head: async () => ({ branch: 'session-4/a', commit: HEAD }),
  containedInHead: async (commits) => new Set(commits.filter((commit) => commit === OLD || commit === HEAD)),
  mergedInto: async () => undefined,
  changedPaths: async () => ({ kind: 'unknown', reason: 'there is no repository' }),
  resolveCommit: async (revision) =>
    new Map([
      ['HEAD~1', OLD],
      ['other', ELSEWHERE],
    ]).get(revision),
}

test('without a word, HEAD and its branch are the evidence', async () => {
  assert.equal(await gatherEvidence(work, nothing), { branch: 'session-4/a', commit: HEAD })
})

test('a revision that git knows is a commit; its branch is HEAD’s only if HEAD contains it', async () => {
  assert.equal(await gatherEvidence(work, { ...nothing, evidence: 'HEAD~1' }), { branch: 'session-4/a', commit: OLD })
  assert.equal(await gatherEvidence(work, { ...nothing, evidence: 'other' }), { commit: ELSEWHERE })
})

test('an URL and text stay what they are, beside HEAD', async () => {
  for (const reference of ['https://example.invalid/run/7', 'all tests pass', 'unknown-word', '--output=x'])
    assert.equal(await gatherEvidence(work, { ...nothing, evidence: reference }), {
      branch: 'session-4/a',
      commit: HEAD,
      reference,
    })
})

test('an empty repository has no commit and no branch to show', async () => {
  const empty: WorkRepository = { ...work, head: async () => ({ branch: 'main', commit: undefined }) }
  assert.equal(await gatherEvidence(empty, { evidence: 'done', note: ' n '.repeat(400) }), {
    reference: 'done',
    // Cut where it is signed, after secrets were masked: half a secret is found by no rule.
    note: ' n '.repeat(400).trim(),
  })
})

test('amounts that are none are a usage error', () => {
  assert.is(toUsd('cost', undefined), undefined)
  assert.is(toUsd('cost', 0), 0)
  assert.throws(() => toUsd('cost', Number.NaN), /--cost/)
  assert.throws(() => toPositive('wait', -1, 'seconds'), /--wait/)
})

test('a cost is what was typed of it; a model without an amount and odd tokens are a usage error', () => {
  assert.is(toCost({ cost: undefined }), undefined)
  assert.equal(toCost({ cost: 12.5 }), { source: 'reported', usd: 12.5 })
  assert.equal(toCost({ cost: 0, model: ` ${'m'.repeat(200)}`, tokens: '1200, 340' }), {
    source: 'reported',
    usd: 0,
    model: 'm'.repeat(100),
    inputTokens: 1200,
    outputTokens: 340,
  })
  assert.equal(toCost({ cost: undefined, tokens: '1,2' }), { source: 'reported', inputTokens: 1, outputTokens: 2 })
  assert.throws(() => toCost({ cost: undefined, model: 'large-1' }), /--model/)
  for (const cost of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e300]) assert.throws(() => toCost({ cost }), /--cost/)
  for (const tokens of ['', '1', '1,', '1,2,3', '-1,2', '1.5,2', '9'.repeat(16)])
    assert.throws(() => toCost({ cost: 1, tokens }), /--tokens/)
})

test('errors have the exit status of the contract', () => {
  for (const code of ['authority/unreachable', 'authority/busy', 'authority/locked'] as const)
    assert.is(exitOfError(code), EXIT.unreachable)
  for (const code of ['usage/invalid', 'session/shared', 'authority/choose', 'claim/several-held'] as const)
    assert.is(exitOfError(code), EXIT.usage)
  assert.is(exitOfError('board/rows-vanished'), EXIT.findings)
  assert.is(exitOfError('task/unknown'), EXIT.error)
})

test.run()
