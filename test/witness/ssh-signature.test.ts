/** SSH signatures: what ssh-keygen writes is read, and nothing else is. */
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { nodeSshCrypto } from '../../src/adapters/process/ssh-crypto.ts'
import { parseSshKey } from '../../src/witness/ssh-key.ts'
import { dearmorSshSignature, parseSshSignature, verifySshSignature } from '../../src/witness/ssh-signature.ts'
import { emptyFolder } from '../adapters/local/scratch.ts'
import { armored, field, keygenVerifies, makeKey, softOperator, softToken, whyNoKeygen } from '../support/ssh.ts'
import { seeded } from './samples.ts'

const ada = softOperator()
const text = '{"kind":"grant"}'
const bytes = new TextEncoder().encode(text)
const parsed = (base64: string) => parseSshSignature(Buffer.from(base64, 'base64'))
const holds = (base64: string, message = bytes) => {
  const signature = parsed(base64)
  return signature !== undefined && verifySshSignature(signature, message, nodeSshCrypto)
}

test('a signature says whose key, which namespace and which hash it is of', () => {
  const signature = parsed(ada.signature(text, { hash: 'sha256' }))
  assert.is(signature?.namespace, 'if-grant')
  assert.is(signature?.hash, 'sha256')
  assert.is(`${signature?.type} ${Buffer.from(signature?.publicKey ?? []).toString('base64')}`, ada.publicKey)
  assert.ok(holds(ada.signature(text)))
})

test('a signature of other bytes, or under another namespace or hash, does not hold', () => {
  assert.not.ok(holds(ada.signature(`${text} `)))
  const signature = parsed(ada.signature(text))
  assert.ok(signature)
  for (const change of [{ namespace: 'git' }, { hash: 'sha256' } as const])
    assert.not.ok(verifySshSignature({ ...signature, ...change }, bytes, nodeSshCrypto))
})

test('magic, version, reserved field, algorithm, namespace and end of a blob are as they must be', () => {
  for (const change of [
    { magic: 'SSHSIX' },
    { version: 2 },
    { version: 0 },
    { reserved: 'x' },
    { namespace: '' },
    { namespace: 'with space' },
    { namespace: 'n'.repeat(65) },
    { hash: 'sha1' as 'sha256' },
    { algorithm: 'ssh-rsa' },
    { algorithm: 'sk-ssh-ed25519@openssh.com' },
    { tail: Buffer.of(0) },
  ])
    assert.is(parsed(ada.signature(text, change)), undefined, JSON.stringify(change))
})

test('no single bit of a signature can be changed', () => {
  const blob = Buffer.from(ada.signature(text), 'base64')
  for (let bit = 0; bit < blob.length * 8; bit += 1) {
    const other = Buffer.from(blob)
    other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7))
    assert.not.ok(holds(other.toString('base64')), `bit ${bit}`)
  }
})

test('what is cut off or made up is no signature, and never an error', () => {
  const blob = Buffer.from(ada.signature(text), 'base64')
  for (let length = 0; length < blob.length; length += 1)
    assert.is(parseSshSignature(blob.subarray(0, length)), undefined)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      assert.is(parseSshSignature(noise), undefined)
      assert.is(parseSshSignature(Buffer.concat([blob.subarray(0, 60), noise])), undefined)
    }),
    seeded,
  )
  assert.is(parseSshSignature(new Uint8Array(20_000)), undefined)
})

test('a token signs when it was touched, and its flags are part of what it signs', () => {
  const token = softToken()
  assert.ok(holds(token.signature(text)))
  assert.not.ok(holds(softToken('ada', 0).signature(text)))
  const blob = Buffer.from(token.signature(text), 'base64')
  blob[blob.length - 5] = 5 // verified as well as touched: never signed
  assert.not.ok(holds(blob.toString('base64')))
})

test('keys that are weak, off their curve, or of another type are none', () => {
  const rsa = (bits: number) => Buffer.concat([field('ssh-rsa'), field(Buffer.of(1, 0, 1)), field(positive(bits / 8))])
  assert.is(parseSshKey(rsa(1024)), undefined)
  assert.is(parseSshKey(rsa(32_768)), undefined)
  assert.is(parseSshKey(rsa(2048))?.type, 'ssh-rsa')
  // A leading zero too many is another spelling of the same number.
  const padded = Buffer.concat([field('ssh-rsa'), field(Buffer.of(0, 1, 0, 1)), field(positive(256))])
  assert.is(parseSshKey(padded), undefined)
  for (const type of ['ssh-dss', 'ecdsa-sha2-nistp384', 'ssh-ed25519-cert-v01@openssh.com'])
    assert.is(parseSshKey(Buffer.concat([field(type), field(Buffer.alloc(32, 1))])), undefined)
  const web = Buffer.concat([
    field('sk-ssh-ed25519@openssh.com'),
    field(Buffer.alloc(32, 1)),
    field('https://a.example'),
  ])
  assert.is(parseSshKey(web), undefined)
  const point = Buffer.concat([Buffer.of(4), Buffer.alloc(64, 1)])
  const p256 = parseSshKey(Buffer.concat([field('ecdsa-sha2-nistp256'), field('nistp256'), field(point)]))?.key
  assert.ok(p256?.kind === 'p256')
  const check = { key: p256, hash: 'sha256', bytes, signature: new Uint8Array(64).fill(1) } as const
  assert.is(nodeSshCrypto.verify(check), false)
})

/** An mpint of so many bytes with its highest bit set. */
function positive(length: number): Buffer {
  return Buffer.concat([Buffer.of(0), Buffer.alloc(length, 0xc5)])
}

test('armour is taken off only where it is whole', () => {
  const base64 = ada.signature(text)
  const blob = Buffer.from(base64, 'base64')
  assert.equal(Buffer.from(dearmorSshSignature(armored(base64)) ?? []), blob)
  assert.equal(Buffer.from(dearmorSshSignature(armored(base64).replaceAll('\n', '\r\n')) ?? []), blob)
  for (const broken of ['', base64, armored(base64).replace('END', 'KEND'), armored(`${base64}*`)])
    assert.is(dearmorSshSignature(broken), undefined)
})

const noKeygen = whyNoKeygen()
if (noKeygen !== undefined) {
  console.log(`skip: ${noKeygen}, so no signature of its is read`)
  test.skip('what ssh-keygen signs holds', () => undefined)
} else {
  for (const type of ['ed25519', 'ecdsa', 'rsa'])
    test(`what ssh-keygen signs with a key of type ${type} holds, for every message`, () => {
      const key = makeKey(emptyFolder(), 'key', type)
      // Numbers of ECDSA have one byte less in one signature of 128.
      fc.assert(
        fc.property(
          fc.string({ unit: 'binary', maxLength: 200 }),
          fc.constantFrom('if-grant', 'git'),
          (message, namespace) => {
            const args = ['-q', '-Y', 'sign', '-n', namespace, '-f', key]
            const armour = execFileSync('ssh-keygen', args, {
              input: message,
              stdio: ['pipe', 'pipe', 'ignore'],
            }).toString()
            const blob = dearmorSshSignature(armour)
            const signature = blob && parseSshSignature(blob)
            assert.ok(signature)
            assert.is(signature.namespace, namespace)
            assert.ok(verifySshSignature(signature, Buffer.from(message), nodeSshCrypto))
            assert.not.ok(verifySshSignature(signature, Buffer.from(`${message}.`), nodeSshCrypto))
          },
        ),
        { ...seeded, numRuns: 12 },
      )
    })

  test('ssh-keygen and this program judge the same about keys in software and in a token', () => {
    const folder = emptyFolder()
    const changes = [{}, { hash: 'sha256' }, { namespace: 'git' }, { version: 2 }, { tail: Buffer.of(0) }] as const
    for (const operator of [ada, softToken()])
      for (const change of changes) {
        const signature = operator.signature(text, change)
        const signers = `ada@example.org ${operator.publicKey}\n`
        const asked = { folder, signers, principal: 'ada@example.org', namespace: 'if-grant', text, signature }
        const ours = holds(signature) && parsed(signature)?.namespace === 'if-grant'
        assert.is(keygenVerifies(asked), ours, JSON.stringify(change))
      }
  })
}

test.run()
