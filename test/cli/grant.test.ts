/** Grants in a terminal: what is typed, what is told, whose key is found where. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeKey, whyNoKeygen } from '../support/ssh.ts'
import { type PairPlace, pairOf } from './pair.ts'
import { makeWorld } from './world.ts'

const test = suite<PairPlace>('granting keys on the command line')
const noKeygen = whyNoKeygen()

test.before(async (context) => {
  context.world = await makeWorld()
  context.folders = 0
})
test.after((context) => context.world.remove())

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
  test.skip('an operator is told what to type', () => undefined)
} else {
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
