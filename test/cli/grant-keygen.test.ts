/** Grants in a terminal, with the real ssh-keygen as the one who signs and as the one who checks. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sampled } from '../support/sampled.ts'
import { keygenVerifies, makeKey, openSshKey, whyNoKeygen } from '../support/ssh.ts'
import { type PairPlace, pairOf } from './pair.ts'
import { makeWorld } from './world.ts'

const test = suite<PairPlace>('grants and ssh-keygen')
const noKeygen = whyNoKeygen()

test.before(async (context) => {
  context.world = await makeWorld()
  context.folders = 0
})
test.after((context) => context.world.remove())

/** Statements of a registry and their signatures, as anybody with sed would take them out. */
function statementsOf(registry: string) {
  const texts = [...registry.matchAll(/^# statement (.+)$/gm)].map(([, text = '']) => text)
  const signatures = [...registry.matchAll(/^# signature (.+)$/gm)].map(([, signature = '']) => signature)
  return texts.map((text, index) => ({ text, signature: signatures[index] as string }))
}

if (noKeygen !== undefined) {
  console.log(`skip: ${noKeygen}, so nothing is signed with it`)
  test.skip('a grant verifies with ssh-keygen', () => undefined)
} else {
  for (const type of sampled(['ed25519', 'ecdsa', 'rsa'], 1))
    test(`grants with a key of type ${type} verify with ssh-keygen, and a forged one does not`, async (context) => {
      const { world } = context
      const { a, b, registry, keys } = await pairOf(context)
      const key = makeKey(keys, 'ada', type)
      const forger = makeKey(keys, 'eve', type, 'ada@example.org')
      assert.is((await world.run(a, ['init', '--operator', `${key}.pub`])).status, 0)

      const granted = await world.run(a, ['grant', 'session-4', '--key', key, '--can', 'rust, gpu', '--budget', '50'])
      assert.is(granted.status, 0, granted.stderr)
      assert.match(granted.stdout, 'signed by ada@example.org.\nCan: rust, gpu. Budget: 50 USD.')
      assert.is(granted.stderr, '')
      const forged = await world.run(b, [
        'grant',
        'session-9',
        '--key',
        forger,
        '--public-key',
        Buffer.alloc(32).toString('base64url'),
      ])
      assert.is(forged.status, 0, forged.stderr)

      const signers = readFileSync(join(a, '.git/if-board/operators'), 'utf8')
      const asked = { folder: keys, signers, principal: 'ada@example.org', namespace: 'if-grant' }
      const [good, bad] = statementsOf(await registry())
      assert.ok(good && bad)
      assert.is(keygenVerifies({ ...asked, ...good }), true)
      assert.is(keygenVerifies({ ...asked, ...bad }), false)
      assert.is(keygenVerifies({ ...asked, ...good, text: good.text.replace('50', '51') }), false)
      assert.is(keygenVerifies({ ...asked, ...good, namespace: 'git' }), false)
      assert.is(keygenVerifies({ ...asked, ...good, principal: 'ben@example.org' }), false)

      const listed = await world.run(a, ['grant', '--list'])
      assert.is(listed.status, 6)
      assert.match(
        listed.stdout,
        /^session-4 \(.{8}…\) until .+ can: rust, gpu; budget: 50 USD \[statement 1, ada@example.org\]\n/,
      )
      assert.match(listed.stdout, '[registry/unpinned-signer]')
      assert.not.match(listed.stdout, 'session-9')
      const unpinned = await world.run(b, ['grant', '--list'])
      assert.is(unpinned.status, 0)
      assert.match(
        unpinned.stdout,
        '2 statements, none believed, and keys count as first seen.\nTo believe an operator: if-board init --operator FILE',
      )
    })

  test('ssh tools read the registry: who may sign, until when, and who no more', async (context) => {
    const { world } = context
    const { a, b, registry, keys } = await pairOf(context)
    const key = makeKey(keys, 'ada', 'ed25519')
    await world.run(a, ['init', '--operator', `${key}.pub`])
    await world.run(b, ['join', 'session-5'])
    for (const session of ['session-4', 'session-5'])
      await world.run(a, ['grant', session, '--key', key, '--days', '30'])
    await world.run(a, ['grant', 'session-5', '--key', key, '--revoke', '--reason', 'stolen'])
    const file = join(keys, 'registry')
    const principals = async (name: string) => {
      writeFileSync(file, `${await registry()}\n`)
      return spawnSync('ssh-keygen', ['-Y', 'match-principals', '-I', name, '-f', file], {
        encoding: 'utf8',
      }).stdout.trim()
    }
    assert.equal(
      [await principals('session-4'), await principals('session-5'), await principals('ada')],
      ['session-4', '', ''],
    )

    // The session's own key, in the form that ssh-keygen signs with.
    const pem = join(keys, 'session.pem')
    const folder = join(b, '.git/if-board/keys')
    const stored = readdirSync(folder).find((entry) => entry.startsWith('session-4')) ?? ''
    writeFileSync(pem, openSshKey(readFileSync(join(folder, stored), 'utf8')), { mode: 0o600 })
    const signature = join(keys, 'session.sig')
    writeFileSync(
      signature,
      execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'if-board', '-f', pem], { input: 'x' }),
    )
    const find = (...at: string[]) =>
      spawnSync('ssh-keygen', ['-Y', 'find-principals', '-f', file, '-s', signature, ...at], {
        encoding: 'utf8',
      }).stdout.trim()
    assert.is(find(), 'session-4')
    assert.equal([find('-Overify-time=20200101'), find('-Overify-time=20990101')], ['', ''])
  })

  test('operators in two clones who grant at the same moment lose no statement', async (context) => {
    const { world } = context
    const { a, b, registry, keys } = await pairOf(context)
    const [ada, ben] = [makeKey(keys, 'ada', 'ed25519'), makeKey(keys, 'ben', 'ed25519', 'ben@example.org')]
    for (const folder of [a, b])
      await world.run(folder, ['init', '--operator', `${ada}.pub`, '--operator', `${ben}.pub`])
    const grantAs = (folder: string, name: string, key: string, days: number) =>
      world.run(folder, ['grant', 'session-4', '--session', name, '--key', key, '--days', String(days)])
    const granted = await Promise.all([
      grantAs(a, 'ada', ada, 1),
      grantAs(b, 'ben', ben, 2),
      grantAs(a, 'ada', ada, 3),
      grantAs(b, 'ben', ben, 4),
    ])
    for (const { status, stderr } of granted) assert.is(status, 0, stderr)
    assert.is((await world.run(a, ['grant', '--list'])).status, 0)
    const statements = statementsOf(await registry()).map(({ text }) => JSON.parse(text))
    assert.equal(
      statements.map(({ version }) => version),
      [1, 2, 3, 4],
    )
  })

  test('the recipe of the guide checks a statement with ssh alone', async (context) => {
    const { world } = context
    const { a, keys } = await pairOf(context)
    const key = makeKey(keys, 'ada', 'ed25519')
    await world.run(a, ['init', '--operator', `${key}.pub`])
    await world.run(a, ['grant', 'session-4', '--key', key])
    const board = join(world.root, `board-${context.folders}`)
    assert.is((await world.run(a, ['checkout', board])).status, 0)
    const guide = readFileSync(new URL('../../docs/grants.md', import.meta.url), 'utf8')
    const recipe = /```sh\n(sed [\s\S]+?)```/.exec(guide)?.[1] ?? ''
    const ran = spawnSync('sh', ['-ec', recipe.replace('../shop', a)], { cwd: board, encoding: 'utf8' })
    assert.is(ran.status, 0, ran.stderr)
    assert.match(ran.stdout, 'Good "if-grant" signature for ada@example.org with ED25519 key')
  })
}

test.run()
