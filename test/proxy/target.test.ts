/** What a request line means, or that it could mean two things. */
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readAuthority, readTarget, rewriteLocation, servicePath } from '../../src/proxy/index.ts'
import { seeded } from '../support/claims.ts'

const ruleOf = (text: string) => {
  const outcome = readTarget(text)
  return outcome.kind === 'refused'
    ? outcome.rule
    : `${outcome.form} ${outcome.alias} /${outcome.parts.join('/')} ${outcome.query}`
}

test('both forms name an alias, a path and a query', () => {
  assert.is(ruleOf('http://search.if-board/a/b?q=1'), 'proxy search /a/b ?q=1')
  assert.is(ruleOf('HTTP://Search.IF-Board:80/a'), 'proxy search /a ')
  assert.is(ruleOf('http://search.if-board'), 'proxy search / ')
  assert.is(ruleOf('http://search.if-board?q'), 'proxy search / ?q')
  assert.is(ruleOf('/search/a/b/?q=/../'), 'direct search /a/b ?q=/../')
  assert.is(ruleOf('/search'), 'direct search / ')
  assert.is(ruleOf('/search/caf%C3%A9/x%20y'), 'direct search /café/x y ')
})

test('a host that is no alias is refused, an address as such in every notation', () => {
  const addresses = [
    ...[
      '127.0.0.1',
      '127.1',
      '0x7f.1',
      '0177.0.0.1',
      '2130706433',
      '0x7f000001',
      '017700000001',
      '[::1]',
      '[::ffff:7f00:1]',
    ],
    ...[
      '[fe80::1%25eth0]',
      '127.0.0.1.',
      '169.254.169.254',
      '%31%32%37.0.0.1',
      '127.0.0.1:80',
      '[::1]:8080',
      '::1',
      '127.0.0.0x1',
    ],
  ]
  for (const host of addresses) assert.is(ruleOf(`http://${host}/a`), 'address', host)
  const names = [
    'example.com',
    'localhost',
    'if-board',
    'a.b.if-board',
    '.if-board',
    'search.if-board.',
    'search.if-board.evil.example',
  ]
  for (const host of [...names, 'search.if-board:81', 'xn--search-.if-board', '-a.if-board', 'search_.if-board', ''])
    assert.is(ruleOf(`http://${host}/a`), 'alias', host)
})

test('userinfo, fragments, other schemes and characters of no target are no request', () => {
  const targets = [
    'http://u@search.if-board/',
    'http://search.if-board@evil.example/',
    'https://search.if-board/a',
    '/search/a#b',
  ]
  for (const text of [
    ...targets,
    'ftp://search.if-board/',
    'search',
    '*',
    '/search/a b',
    '/search/é',
    '/search/\u0001',
    `/search/${'a'.repeat(9000)}`,
    '',
  ])
    assert.is(ruleOf(text), 'request', text.slice(0, 60))
})

test('a path that two programs may read differently is refused', () => {
  const paths = [
    ...[
      '/..',
      '/../a',
      '/a/..',
      '/a/./b',
      '/.',
      '/a//b',
      '//a',
      '/%2e%2e/a',
      '/%2E./a',
      '/.%2e/a',
      '/%252e%252e/a',
      '/a%2fb',
      '/a%2Fb',
    ],
    ...[
      '/a%5cb',
      '/a\\b',
      '/a\\..\\b',
      '/a%00b',
      '/a%0ab',
      '/a%',
      '/a%2',
      '/a%zz',
      '/%ff',
      '/%c0%ae%c0%ae/a',
      '/..;/a',
      '/..;x=1/a',
      '/;/a',
    ],
    ...['/a%25b', '/%ef%bc%8e%ef%bc%8e/a', '/a%ef%bc%8fb', '/%e2%80%a4%e2%80%a4/a', '/a%7f', '/a%c2%85'],
  ]
  for (const path of paths) assert.is(ruleOf(`/search${path}`), path.startsWith('//a') ? 'path' : 'path', path)
  for (const path of paths.filter((one) => !one.startsWith('//')))
    assert.is(ruleOf(`http://search.if-board${path}`), 'path', path)
})

test('what is judged is what is sent: no accepted target changes when a URL is made of it', () => {
  const piece = fc.constantFrom(
    'a',
    '.',
    '..',
    '%2e',
    '%2f',
    '/',
    '%25',
    '\\',
    ';',
    'x',
    '%41',
    '?',
    '#',
    '@',
    ':',
    '',
    '%c3%a9',
    '|',
    '~',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const outcome = readTarget(`/search/${pieces.join('')}`)
      if (outcome.kind === 'refused') return
      const base = new URL('http://search.example/base/')
      const url = new URL(servicePath(base, outcome), base)
      assert.is(url.host, 'search.example')
      const parts = url.pathname.split('/').slice(2)
      if (parts.at(-1) === '') parts.pop()
      assert.equal(parts.map(decodeURIComponent), outcome.parts)
    }),
    { ...seeded, numRuns: 2000 },
  )
})

test('a redirect within the alias comes back in its own terms, any other not at all', () => {
  const base = new URL('https://api.example/v2/')
  const from = (location: string, form: 'proxy' | 'direct' = 'proxy') =>
    rewriteLocation(location, { asked: new URL('https://api.example/v2/a/b'), base, form, alias: 'api' })
  assert.is(from('c?d=1'), 'http://api.if-board/a/c?d=1')
  assert.is(from('/v2/x', 'direct'), '/api/x')
  assert.is(from('https://api.example:443/v2'), 'http://api.if-board/')
  const elsewhere = [
    '/v1/x',
    '/v2evil',
    '../../x',
    '//evil.example/v2/',
    'http://api.example/v2/x',
    'https://api.example:8443/v2/x',
    '/v2/%2e%2e/x',
  ]
  const worse = [
    'http://169.254.169.254/latest/',
    'https://u:p@api.example/v2/x',
    'javascript:1',
    'file:///etc/passwd',
    '/v2/\n',
    '',
    '\\\\evil.example\\v2',
  ]
  for (const location of [...elsewhere, ...worse]) assert.is(from(location), undefined, location)
})

test('tunnels are asked for by a name and a port', () => {
  assert.equal(readAuthority('Packages.example:443'), { host: 'packages.example', port: 443 })
  const strange = [
    'packages.example',
    'packages.example:0',
    'packages.example:65536',
    '127.0.0.1:443',
    '127.1:443',
    '[::1]:443',
    'a..b:443',
    ':443',
  ]
  for (const text of [
    ...strange,
    'u@a.example:443',
    'a.example:443/',
    '-a.example:443',
    'a.example.:443',
    `${'a'.repeat(300)}:443`,
    'a.example:0443',
  ])
    assert.is(readAuthority(text), undefined, text)
})

test.run()
