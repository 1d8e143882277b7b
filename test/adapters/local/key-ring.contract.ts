import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { verifyEd25519 } from '../../../src/adapters/process/hashes.ts'
import { toSessionName } from '../../../src/model/index.ts'
import type { KeyRing } from '../../../src/ports/index.ts'

/** What every `KeyRing` must give; rings that one `place` opens hold the same keys. */
export function keyRingContract(name: string, place: () => Promise<() => KeyRing>): void {
  const test = suite(`key ring: ${name}`)
  const session = toSessionName('session-4')
  const other = toSessionName('Session-4')

  test('a signature is good for its text and its session alone', async () => {
    const ring = (await place())()
    const [key, foreign] = [await ring.publicKey(session), await ring.publicKey(other)]
    assert.match(key, /^[A-Za-z0-9_-]{43}$/)
    assert.is.not(key, foreign)
    const signature = await ring.sign(session, 'ü text')
    assert.match(signature, /^[A-Za-z0-9_-]{86}$/)
    assert.ok(verifyEd25519(key, 'ü text', signature))
    assert.not.ok(verifyEd25519(key, 'ü texT', signature))
    assert.not.ok(verifyEd25519(foreign, 'ü text', signature))
  })

  test('a key made once is found again', async () => {
    const open = await place()
    assert.is(await open().publicKey(session), await open().publicKey(session))
  })

  test('many that ask for a new key at once get one key', async () => {
    const open = await place()
    const keys = await Promise.all(Array.from({ length: 20 }, () => open().publicKey(session)))
    assert.is(new Set(keys).size, 1)
  })

  test.run()
}
