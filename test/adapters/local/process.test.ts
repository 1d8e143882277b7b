import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fakeClock, seededChance } from '../../../src/adapters/memory/local.ts'
import { systemChance } from '../../../src/adapters/process/chance.ts'
import { systemClock } from '../../../src/adapters/process/clock.ts'
import {
  sha1ObjectHash,
  sha256ObjectHash,
  sha256OfBytes,
  sha256OfText,
  verifyEd25519,
} from '../../../src/adapters/process/hashes.ts'
import { objectId } from '../../../src/model/index.ts'

test('monotonic time goes on with a sleep, in one boot for every clock of the machine', async () => {
  const clock = systemClock()
  const before = clock.now()
  await clock.sleep(20)
  const after = systemClock().now()
  assert.ok(after.monotonicMs - before.monotonicMs >= 19)
  assert.is(after.bootId, before.bootId)
  assert.ok(before.bootId.length > 5)
  assert.ok(Math.abs(after.wallMs - Date.now()) < 1000)
})

test('a sleep ends early when the process is asked to stop, and later ones end at once', async () => {
  const stop = new AbortController()
  const clock = systemClock({ stop: stop.signal })
  const begun = clock.now().monotonicMs
  setTimeout(() => stop.abort(), 20)
  await clock.sleep(60_000)
  await clock.sleep(60_000)
  assert.ok(clock.now().monotonicMs - begun < 5000)
})

test('chance has the length asked for and does not repeat; fractions lie in [0, 1)', () => {
  for (const chance of [systemChance, seededChance(1)]) {
    assert.match(chance.hex(16), /^[0-9a-f]{32}$/)
    assert.match(chance.hex(40), /^[0-9a-f]{80}$/)
    assert.is.not(chance.hex(16), chance.hex(16))
    for (let draw = 0; draw < 200; draw += 1) {
      const fraction = chance.fraction()
      assert.ok(fraction >= 0 && fraction < 1)
    }
  }
  assert.is(seededChance(7).hex(16), seededChance(7).hex(16))
  assert.is.not(seededChance(7).hex(16), seededChance(8).hex(16))
})

test('object ids are those that git gives in both object formats', () => {
  const tree = { type: 'tree', body: new Uint8Array(0) } as const
  assert.is(objectId(tree, sha1ObjectHash), '4b825dc642cb6eb9a060e54bf8d69288fbee4904')
  assert.is(objectId(tree, sha256ObjectHash), '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321')
  assert.is(Buffer.from(sha256OfBytes(Buffer.from('ü'))).toString('hex'), sha256OfText('ü'))
})

test('the first test vector of RFC 8032 §7.1 verifies, and nonsense does not throw', () => {
  const key = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex').toString(
    'base64url',
  )
  const signature = Buffer.from(
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    'hex',
  ).toString('base64url')
  assert.ok(verifyEd25519(key, '', signature))
  assert.not.ok(verifyEd25519(key, ' ', signature))
  assert.not.ok(verifyEd25519('no key', '', signature))
  assert.not.ok(verifyEd25519(key, '', 'no signature'))
})

test('a fake clock moves by hand, and wakes sleepers in the order of their time', async () => {
  const clock = fakeClock(1000)
  const woken: string[] = []
  const late = clock.sleep(20).then(() => woken.push('late'))
  const early = clock.sleep(10).then(() => woken.push('early'))
  clock.advance(9)
  await Promise.resolve()
  assert.equal(woken, [])
  clock.advance(20)
  await Promise.all([late, early])
  assert.equal(woken, ['early', 'late'])
  assert.equal(clock.now(), { wallMs: 1029, monotonicMs: 29, bootId: 'boot-1' })
  clock.setWall(5)
  clock.reboot()
  assert.equal(clock.now(), { wallMs: 5, monotonicMs: 0, bootId: 'boot-2' })
})

test.run()
