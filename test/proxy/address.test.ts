/** Which addresses may be connected to, however they are written. */
import { isIPv4, isIPv6 } from 'node:net'
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  formatAddress,
  isAddressLike,
  isListed,
  parseAddress,
  parseBlock,
  specialPurpose,
} from '../../src/proxy/index.ts'
import { seeded } from '../support/claims.ts'

const refusalOf = (text: string) => {
  const address = parseAddress(text)
  return address === undefined ? 'no address' : specialPurpose(address)
}

test('what is private, of this machine, of this link or nobody’s may not be connected to', () => {
  const special = [
    ...[
      '0.0.0.0',
      '0.1.2.3',
      '10.0.0.1',
      '10.255.255.255',
      '100.64.0.1',
      '100.100.100.200',
      '100.127.255.255',
      '127.0.0.1',
    ],
    ...[
      '127.255.255.254',
      '169.254.169.254',
      '169.254.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.0.0.192',
      '192.0.2.1',
    ],
    ...['192.88.99.1', '192.168.1.1', '198.18.0.1', '198.19.255.255', '198.51.100.7', '203.0.113.9', '224.0.0.1'],
    ...['239.255.255.250', '240.0.0.1', '255.255.255.255', '168.63.129.16'],
    ...[
      '::',
      '::1',
      '::2',
      'fe80::1',
      'febf::1',
      'fec0::1',
      'fc00::1',
      'fd00:ec2::254',
      'ff02::1',
      '2001:db8::1',
      '2001::1',
    ],
    ...['2001:1ff::1', '100::1', '64:ff9b:1::1', '3fff::1', '5f00::1', '4000::1', 'ffff::1', '::127.0.0.1'],
  ]
  for (const text of special) assert.type(refusalOf(text), 'string', text)
})

test('an IPv4 address inside an IPv6 address counts as that one', () => {
  for (const text of ['::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::a9fe:a9fe', '2002:7f00:1::', '2002:a00:1::1'])
    assert.match(refusalOf(text) ?? '', /loopback|metadata|private/, text)
  assert.is(refusalOf('::ffff:93.184.216.34'), undefined)
  assert.is(refusalOf('64:ff9b::5db8:d822'), undefined)
})

test('what is reachable from everywhere may be connected to', () => {
  const open = [
    '1.1.1.1',
    '93.184.216.34',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.1',
  ]
  const open6 = ['2606:2800:220:1:248:1893:25c8:1946', '2001:200::1', '2a00::1', '3ffe::1']
  for (const text of [...open, ...open6, '198.17.255.255', '198.20.0.0', '223.255.255.255'])
    assert.is(refusalOf(text), undefined, text)
})

test('only the plain notation is an address; all others look like one and are none', () => {
  const odd = [
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '127.1',
    '127.0.1',
    '0177.0.0.1',
    '017700000001',
    '127.0.0.01',
    '0x7f.0x0.0x0.0x1',
  ]
  for (const text of odd) {
    assert.is(parseAddress(text), undefined, text)
    assert.ok(isAddressLike(text), text)
  }
  const bracketed = [
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[fe80::1%25eth0]',
    '::1',
    'fe80::1%eth0',
    '127.0.0.1.',
    '127.0.0.1..',
    '１２７.0.0.1',
    '1.2.3.4.5',
    'a.0x7f',
  ]
  for (const text of bracketed) assert.ok(isAddressLike(text), text)
  for (const text of ['localhost', 'example.com', '1password.example', 'a1', '0x7f.example', 'x.1a'])
    assert.not.ok(isAddressLike(text), text)
  for (const text of [
    'fe80::1%eth0',
    '1::2::3',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '::12345',
    '::1.2.3',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '',
    '256.1.1.1',
    '1.2.3.4/8',
  ])
    assert.is(parseAddress(text), undefined, text)
})

test('texts are read as Node reads them', () => {
  const texts = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom(...'0123456789abcdf:.'), maxLength: 24 }),
  )
  fc.assert(
    fc.property(texts, (text) => {
      assert.is(parseAddress(text) !== undefined, isIPv4(text) || isIPv6(text), text)
    }),
    { ...seeded, numRuns: 2000 },
  )
})

test('an address comes back from how it is shown', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      (four, sixteen) => {
        assert.equal(parseAddress(formatAddress(four)), four)
        const shown = parseAddress(formatAddress(sixteen))
        if (shown?.length === 16) assert.equal(shown, sixteen)
      },
    ),
    seeded,
  )
})

test('blocks list what they hold, and a block that cannot be read lists nothing', () => {
  const held = (text: string, ...blocks: string[]) => isListed(parseAddress(text) as Uint8Array, blocks)
  assert.ok(held('127.0.0.1', '127.0.0.1'))
  assert.ok(held('::ffff:127.0.0.1', '127.0.0.1'))
  assert.ok(held('10.1.2.3', '10.1.0.0/16'))
  assert.not.ok(held('10.2.0.0', '10.1.0.0/16'))
  assert.ok(held('fd00::1', 'fd00::/8'))
  assert.not.ok(held('169.254.169.254', '127.0.0.0/8', '::/0', '10.0.0.0/7', 'x', '', '0.0.0.0/33'))
  for (const text of ['10.1.0.0/15', '10.0.0.0/', '10.0.0.0/8/8', '::ffff:10.0.0.0/104', '10/8', '10.0.0.0/-1'])
    assert.is(parseBlock(text), undefined, text)
})

test.run()
