/** Grants in a terminal, with the real ssh-keygen as the one who signs and as the one who checks. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { keygenVerifies, makeKey, openSshKey, whyNoKeygen } from '../support/ssh.ts'
import { BOARD, makeWorld, type World } from './world.ts'

const test = suite<{ world: World; folders: number }>('granting keys on the command line')
const noKeygen = whyNoKeygen()

test.before(async (context) => {
  context.world = await makeWorld()
  context.folders = 0
})
test.after((context) => context.world.remove())

interface Pair {
  /** Two clones of one remote; the board was made in the first. */
  readonly a: string
  readonly b: string
  readonly registry: () => Promise<string>
  /** A folder for keys, outside of both. */
  readonly keys: string
}

async function pairOf(context: { world: World; folders: number }): Promise<Pair> {
  const { world } = context
  context.folders += 1
  const name = (what: string) => `${what}-${context.folders}`
  await world.git(world.root, 'init', '--quiet', '--bare', name('remote'))
  const clones = [await world.clone(name('a')), await world.clone(name('b'))] as const
  for (const folder of clones) await world.git(folder, 'remote', 'add', 'origin', join(world.root, name('remote')))
  writeFileSync(join(clones[0], 'TASKS.md'), BOARD)
  assert.is((await world.run(clones[0], ['init', '--from', 'TASKS.md'])).status, 0)
  assert.is((await world.run(clones[1], ['join', 'session-4'])).status, 0)
  const keys = join(world.root, name('keys'))
  mkdirSync(keys)
  const registry = () => world.git(join(world.root, name('remote')), 'show', 'if-board/main:.if-board/allowed_signers')
  return { a: clones[0], b: clones[1], registry, keys }
}

/** Statements of a registry and their signatures, as anybody with sed would take them out. */
function statementsOf(registry: string) {
  const texts = [...registry.matchAll(/^# statement (.+)$/gm)].map(([, text = '']) => text)
  const signatures = [...registry.matchAll(/^# signature (.+)$/gm)].map(([, signature = '']) => signature)
  return texts.map((text, index) => ({ text, signature: signatures[index] as string }))
}

test('misuse is told as such', async (context) => {
  const { a } = await pairOf(context)
  const wrong: readonly (readonly string[])[] = [
    [],
    ['session-4', '--revoke'],
    ['session-4', '--revoke', '--reason', ' '],
    ['session-4', '--revoke', '--reason', 'x', '--days', '3'],
    ['session-4', '--reason', 'x'],
    ['session-4', '--last-good', '3'],
    ['session-4', '--days', '0'],
    ['session-4', '--days', '1.5'],
    ['session-4', '--budget', '-1'],
    ['session-4', '--can', 'a'.repeat(65)],
    ['session-4', '--public-key', 'ssh-rsa AAAA'],
    ['session-4'],
  ]
  for (const args of wrong) {
    const { status, stderr } = await context.world.run(a, ['grant', ...args])
    assert.is(status, 2, `${args.join(' ')}: ${stderr}`)
  }
  const { stderr } = await context.world.run(a, ['grant', 'session-4'])
  assert.match(stderr, '[operator/no-key]')
  assert.match(stderr, '--key')
  const missing = await context.world.run(a, ['grant', 'session-4', '--key', 'nothing-there'])
  assert.is(missing.status, 1)
  assert.match(missing.stderr, '[operator/cannot-sign]')
})

test('who grants and whom are told apart', async (context) => {
  const { world } = context
  const { a } = await pairOf(context)
  for (const args of [
    ['--session', 'ada', 'grant', 'session-9'],
    ['grant', 'session-9', '--session', 'ada'],
  ]) {
    const { status, stderr } = await world.run(a, [...args, '--key', 'nothing-there'])
    assert.is(status, 1)
    assert.match(stderr, 'no session `session-9` has joined')
  }
})

test('init pins what it is given, once, and says what it cannot read', async (context) => {
  const { world } = context
  const { a, keys } = await pairOf(context)
  const blob = Buffer.concat([
    Buffer.of(0, 0, 0, 11),
    Buffer.from('ssh-ed25519'),
    Buffer.of(0, 0, 0, 32),
    Buffer.alloc(32, 7),
  ])
  const line = `ssh-ed25519 ${blob.toString('base64')}`
  const none = await world.run(a, ['doctor', '--json'])
  const checkOf = (stdout: string) =>
    JSON.parse(stdout).checks.find(({ name }: { name: string }) => name === 'operators') as {
      ok: boolean
      message: string
    }
  assert.match(checkOf(none.stdout).message, 'if-board init --operator FILE')
  const dry = await world.run(a, ['init', '--operator', `ada ${line}`, '--dry-run'])
  assert.match(dry.stdout, 'This clone would believe the grants of: ada (SHA256:')
  assert.match(checkOf((await world.run(a, ['doctor', '--json'])).stdout).message, 'none is pinned')
  writeFileSync(
    join(keys, 'ben.pub'),
    `ssh-ed25519 ${Buffer.concat([blob.subarray(0, 50), Buffer.of(8)]).toString('base64')} ben@example.org\n`,
  )
  const pinned = await world.run(a, ['init', '--operator', `ada ${line}`, '--operator', join(keys, 'ben.pub')])
  assert.is(pinned.status, 0, pinned.stderr)
  const again = JSON.parse((await world.run(a, ['init', '--operator', line, '--json'])).stdout)
  assert.equal(
    again.operators.map(({ name, kind }: Record<string, string>) => [name, kind]),
    [['ada', 'already']],
  )
  assert.match(
    checkOf((await world.run(a, ['doctor', '--json'])).stdout).message,
    /pinned here: ada \(SHA256:.+\), ben@example.org/,
  )

  writeFileSync(join(keys, 'private'), '-----BEGIN OPENSSH PRIVATE KEY-----\n')
  for (const [given, said] of [
    [join(keys, 'private'), 'is a private key'],
    [join(keys, 'nothing'), 'neither a file nor a public key'],
    [`* ${line}`, 'name'],
    ['ada ssh-rsa AAAAB3NzaC1yc2E=', 'no public key'],
    ['TASKS.md', 'no public key'],
  ] as const) {
    const { status, stderr } = await world.run(a, ['init', '--operator', given])
    assert.is.not(status, 0, given)
    assert.match(stderr, said)
  }
})

if (noKeygen !== undefined) {
  console.log(`skip: ${noKeygen}, so nothing is signed with it`)
  test.skip('a grant verifies with ssh-keygen', () => undefined)
} else {
  for (const type of ['ed25519', 'ecdsa', 'rsa'])
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

  test('an operator whose key is not pinned is told what to type, and it works', async (context) => {
    const { world } = context
    const { a, keys } = await pairOf(context)
    const key = makeKey(keys, 'ada', 'ed25519')
    await world.git(a, 'config', 'user.email', 'ada@example.org')
    await world.git(a, 'config', 'gpg.format', 'ssh')
    await world.git(a, 'config', 'user.signingkey', key)
    const granted = await world.run(a, ['grant', 'session-4'])
    assert.is(granted.status, 0, granted.stderr)
    assert.match(granted.stdout, 'signed by ada@example.org (not pinned here)')
    const pin = /if-board init --operator "([^"]+)"/.exec(granted.stderr)?.[1]
    assert.ok(pin)
    assert.is((await world.run(a, ['init', '--operator', pin])).status, 0)
    const listed = await world.run(a, ['grant', '--list'])
    assert.is(listed.status, 0, listed.stdout)
    assert.match(listed.stdout, 'session-4')
  })

  test('an agent signs for a .pub file, and for the key that git names in its settings', async (context) => {
    const { world } = context
    const { a, keys } = await pairOf(context)
    const key = makeKey(keys, 'ada', 'ed25519')
    const socket = join(keys, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] })
    try {
      await once(agent.stdout, 'data')
      const environment = { SSH_AUTH_SOCK: socket }
      execFileSync('ssh-add', ['-q', key], { env: { ...process.env, ...environment }, stdio: 'ignore' })
      writeFileSync(join(keys, 'public.pub'), readFileSync(`${key}.pub`))
      const alone = join(keys, 'public.pub')
      await world.run(a, ['init', '--operator', alone])
      assert.is((await world.run(a, ['grant', 'session-4', '--key', alone], environment)).status, 0)
      await world.git(a, 'config', 'gpg.format', 'ssh')
      await world.git(a, 'config', 'user.signingkey', `key::${readFileSync(alone, 'utf8').trim()}`)
      const literal = await world.run(a, ['grant', 'session-4'], environment)
      assert.is(literal.status, 0, literal.stderr)
      const without = await world.run(a, ['grant', 'session-4'], { SSH_AUTH_SOCK: '' })
      assert.is(without.status, 1)
      assert.match(without.stderr, '[operator/cannot-sign]')
      assert.is((await world.run(a, ['grant', '--list'])).status, 0)
    } finally {
      agent.kill()
    }
  })

  test('pins that others can write are not believed', async (context) => {
    const { world } = context
    const { a, keys } = await pairOf(context)
    const key = makeKey(keys, 'ada', 'ed25519')
    await world.run(a, ['init', '--operator', `${key}.pub`])
    const pins = join(a, '.git/if-board/operators')
    execFileSync('chmod', ['620', pins])
    const { status, stderr } = await world.run(a, ['grant', '--list'])
    assert.is(status, 1)
    assert.match(stderr, '[operator/pins-unreadable]')
    assert.is((await world.run(a, ['doctor'])).status, 6)
    execFileSync('chmod', ['600', pins])
    assert.is((await world.run(a, ['grant', '--list'])).status, 0)
  })
}

test.run()
