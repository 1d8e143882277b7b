/** `proxy:` of the settings: what is understood, and what denies because it is not. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig, renderConfig } from '../../src/board/config.ts'
import type { ProxyAlias } from '../../src/model/proxy.ts'

const least = 'boards: [TASK-BOARD.md]\nboardId: "0123456789abcdef0123456789abcdef"\n'
const read = (proxy: string) => parseConfig(`${least}proxy: ${proxy}\n`, 'config.yml')

const SEARCH: ProxyAlias = {
  alias: 'search',
  url: 'http://search.example/',
  connect: [],
  methods: ['GET', 'HEAD'],
  paths: ['/**'],
  budget: {},
  microUsdPerRequest: 0,
  timeoutSeconds: 10,
}

test('an alias gets every default', () => {
  assert.equal(read('{search: {url: "http://search.example"}}'), {
    config: { ...read('{}').config, proxy: [SEARCH] },
    diagnostics: [],
  })
  assert.is(parseConfig(least, '').config?.proxy, undefined)
})

test('what is set is read, and written back as it was', () => {
  const text = `
  search: {url: "https://search.example:9200/v2/", methods: [GET, POST], paths: [/tasks/**, /, "/*/_count"], sessions: [session-4]}
  tickets:
    url: "https://tickets.example/"
    secret: tickets-token
    usdPerRequest: 0.002
    budget: {requests: 10, bytes: 1000, usd: 5}
    timeoutSeconds: 60
  packages: {connect: ["packages.example:443"]}`
  const { config, diagnostics } = read(text)
  assert.equal(diagnostics, [])
  assert.is(config?.proxy?.length, 3)
  assert.equal(config?.proxy?.[1]?.budget, { requests: 10, bytes: 1000, microUsd: 5_000_000 })
  assert.is(config?.proxy?.[1]?.microUsdPerRequest, 2000)
  assert.equal(config === undefined ? undefined : parseConfig(renderConfig(config), '').config, config)
})

const WRONG: readonly (readonly [what: string, proxy: string])[] = [
  ['no url and no tunnel', '{a: {}}'],
  ['an alias that is no host', '{a_b: {url: "http://a.example/"}}'],
  ['an alias in capitals', '{Search: {url: "http://a.example/"}}'],
  ['a user in the url', '{a: {url: "http://u:p@a.example/"}}'],
  ['a query', '{a: {url: "http://a.example/?key=1"}}'],
  ['another scheme', '{a: {url: "file:///etc/passwd"}}'],
  ['an address in other words', '{a: {url: "http://2130706433/"}}'],
  ['another address in other words', '{a: {url: "http://127.1/"}}'],
  ['a path that leads up', '{a: {url: "http://a.example/b/../c"}}'],
  ['CONNECT', '{a: {url: "http://a.example/", methods: [CONNECT]}}'],
  ['TRACE', '{a: {url: "http://a.example/", methods: [TRACE]}}'],
  ['a method in small letters', '{a: {url: "http://a.example/", methods: [get]}}'],
  ['a path without a slash', '{a: {url: "http://a.example/", paths: [tasks]}}'],
  ['a path that leads up in a pattern', '{a: {url: "http://a.example/", paths: [/../x]}}'],
  ['an encoded path', '{a: {url: "http://a.example/", paths: ["/%2e"]}}'],
  ['a secret in place of its name', '{a: {url: "http://a.example/", secret: {command: [sh]}}}'],
  ['a secret with spaces', '{a: {url: "http://a.example/", secret: "Bearer x"}}'],
  ['a tunnel to an address', '{a: {connect: ["127.0.0.1:22"]}}'],
  ['a tunnel to a short address', '{a: {connect: ["2130706433:22"]}}'],
  ['a tunnel to a hexadecimal address', '{a: {connect: ["a.0x7f:22"]}}'],
  ['a tunnel without a port', '{a: {connect: ["a.example"]}}'],
  ['a tunnel to a port beyond the last', '{a: {connect: ["a.example:70000"]}}'],
  ['a key that is not known', '{a: {url: "http://a.example/", adresses: [127.0.0.1]}}'],
  ['a time without end', '{a: {url: "http://a.example/", timeoutSeconds: 601}}'],
  ['a negative budget', '{a: {url: "http://a.example/", budget: {bytes: -1}}}'],
]
for (const [what, proxy] of WRONG)
  test(`${what} is an error, so that nothing is let out`, () => {
    const { config, diagnostics } = read(proxy)
    assert.is(config, undefined, JSON.stringify(diagnostics))
    assert.match(diagnostics[0]?.code ?? '', /^config\//)
  })

test('a misspelt key is an error, because it sets a limit', () => {
  assert.is(parseConfig(`${least}proxi: {}\n`, '').config, undefined)
})

test.run()
