import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { etcdSettings, toEndpoint } from '../../../src/adapters/etcd/settings.ts'
import { IfBoardError } from '../../../src/model/index.ts'

const test = suite<{ folder: string; file: string }>('settings of etcd')
const PEM = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n'

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'ifb-settings-'))
  context.file = join(context.folder, 'etcd.json')
})
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }))

async function problemOf(sources: Parameters<typeof etcdSettings>[0]): Promise<string> {
  const error = await etcdSettings(sources).catch((thrown) => thrown)
  assert.instance(error, IfBoardError)
  assert.is(error.code, 'fast/settings')
  return error.message
}

test('nothing anywhere is no etcd', async ({ file }) => {
  assert.is(await etcdSettings({ environment: {}, file, endpoints: [] }), undefined)
})

test('the environment goes before the file, the file before the board', async ({ file }) => {
  const endpoints = ['https://board.example:2379']
  const addresses = async (environment: Record<string, string>) =>
    (await etcdSettings({ environment, file, endpoints }))?.endpoints.map(({ address }) => address)
  assert.equal(await addresses({}), ['board.example:2379'])
  writeFileSync(file, JSON.stringify({ endpoints: ['https://file.example:1', 'http://[::1]:2'] }))
  assert.equal(await addresses({}), ['file.example:1', '[::1]:2'])
  assert.equal(await addresses({ IF_BOARD_ETCD_ENDPOINTS: 'http://a:1, http://b:2' }), ['a:1', 'b:2'])
})

test('files that a file names lie beside it', async ({ folder, file }) => {
  for (const name of ['ca', 'cert', 'key']) writeFileSync(join(folder, `${name}.pem`), PEM)
  const texts = { endpoints: 'https://a:1', ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem', user: 'u', password: 'p' }
  writeFileSync(file, JSON.stringify(texts), { mode: 0o600 })
  const settings = await etcdSettings({ environment: {}, file, endpoints: [] })
  assert.equal(settings?.user, { name: 'u', password: 'p' })
  assert.equal(Buffer.from(settings?.tls?.key ?? []).toString(), PEM)
})

if (process.platform === 'win32') console.log('skip: modes of files mean nothing here')
else
  test('a password that others can read is refused', async ({ file }) => {
    const texts = JSON.stringify({ endpoints: 'https://a:1', user: 'u', password: 'not for all' })
    writeFileSync(file, texts, { mode: 0o644 })
    const problem = await problemOf({ environment: {}, file, endpoints: [] })
    assert.match(problem, /^others can read the password in /)
    assert.not.match(problem, /not for all/)
  })

test('half of a pair, a file of something else, or one that is not there, is told', async ({ folder, file }) => {
  const on = (environment: Record<string, string>) =>
    problemOf({ environment: { IF_BOARD_ETCD_ENDPOINTS: 'http://a:1', ...environment }, file, endpoints: [] })
  const pem = join(folder, 'a.pem')
  writeFileSync(pem, PEM)
  assert.match(await on({ IF_BOARD_ETCD_USER: 'u' }), /user and its password/)
  assert.match(await on({ IF_BOARD_ETCD_CERT: pem }), /certificate and its key/)
  assert.match(await on({ IF_BOARD_ETCD_CA: join(folder, 'none') }), /no PEM file/)
  assert.match(await on({ IF_BOARD_ETCD_SETTINGS: join(folder, 'none') }), /cannot be read/)
  for (const text of ['[]', '{', '{"pasword":"x"}', '{"user":1}', 'null']) {
    writeFileSync(file, text)
    assert.match(await on({}), /is not a JSON object/, text)
  }
})

test('an endpoint is a scheme, a host and a port, and a password in one is not repeated', () => {
  assert.equal(toEndpoint('https://etcd-1.example:2379/'), { address: 'etcd-1.example:2379', isSecure: true })
  for (const wrong of [
    'a:1',
    'ftp://a:1',
    'http://a',
    'http://a:0',
    'http://a:65536',
    'http://a:1/x',
    'http://a b:1',
    '',
  ])
    assert.throws(
      () => toEndpoint(wrong),
      (error: unknown) => error instanceof IfBoardError,
      wrong,
    )
  assert.throws(
    () => toEndpoint('http://root:secret@a:1'),
    (error: unknown) => error instanceof IfBoardError && !error.message.includes('secret'),
  )
})

test.run()
