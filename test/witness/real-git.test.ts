import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sha1ObjectHash } from '../../src/adapters/process/hashes.ts'
import { type GitObject, objectId } from '../../src/model/index.ts'
import { beatCommit, EMPTY_TREES, encodeEventCommit } from '../../src/witness/index.ts'
import { claimBody, claimEvent, oid, session4, signed, startMs } from './samples.ts'

test('git accepts the commits of events and beats and gives them the ids that the bytes say', async () => {
  const { data } = await claimBody()
  const event = await claimEvent({ parents: [oid('a'), oid('b')] })
  const odd = await signed(await claimBody({ data: { ...data, reason: '\u0000\n\n— 😀\u202e' } }))
  const beat = { session: session4, at: startMs, nonce: 'ab', last: oid('a'), parents: [oid('a')] }
  const commits: GitObject[] = [
    encodeEventCommit(event, EMPTY_TREES.sha1),
    encodeEventCommit(odd, EMPTY_TREES.sha1),
    beatCommit(beat, EMPTY_TREES.sha1),
  ]
  // Without `--literally`, git-hash-object(1) checks that the bytes are a well-formed commit.
  for (const commit of commits) assert.is(gitObjectId(commit), objectId(commit, sha1ObjectHash))
})

function gitObjectId({ type, body }: GitObject): string {
  return execFileSync('git', ['hash-object', '-t', type, '--stdin'], {
    input: body,
    encoding: 'utf8',
    cwd: tmpdir(),
  }).trim()
}

test.run()
