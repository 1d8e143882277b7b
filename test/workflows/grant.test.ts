/** Grants on a board: who is told what, and what two operators at once, a rewound branch and hostile files do. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256OfText } from '../../src/adapters/process/hashes.ts'
import { nodeSshCrypto } from '../../src/adapters/process/ssh-crypto.ts'
import { REGISTRY_FILE, type SessionName, toSessionName } from '../../src/model/index.ts'
import { eventHash } from '../../src/witness/index.ts'
import { judgeKey, statementJson } from '../../src/witness/keys.ts'
import { type GrantOutcome, type GrantRequest, grant } from '../../src/workflows/grant.ts'
import { grantVersion } from '../../src/workflows/grant-version.ts'
import { listGrants } from '../../src/workflows/list-grants.ts'
import { read } from '../../src/workflows/read.ts'
import { openRegistry } from '../../src/workflows/registry.ts'
import { acceptRewind, sync } from '../../src/workflows/sync.ts'
import { claim, codeOf, done, settle } from '../support/acts.ts'
import { boardOf, type Clone, type FleetKind, layout, names, sessionRefOf } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'
import { pinsOf, type SoftOperator, softOperator } from '../support/ssh.ts'
import { sealedEvents } from '../support/witnessed.ts'

const board = boardOf(['T1'], ['T2'], ['T3'])
const [s1, s2] = names(2) as [SessionName, SessionName]
const [ada, ben] = ['ada', 'ben'].map((name) => softOperator(name)) as [SoftOperator, SoftOperator]
const crypto = nodeSshCrypto
const toolsOf = (operator: SoftOperator, ...pins: readonly SoftOperator[]) => ({
  operator,
  pins: pinsOf(...(pins.length === 0 ? [ada, ben] : pins)),
  crypto,
})
const adasTools = toolsOf(ada)

function grantTo(clone: Clone, session: SessionName, rest: Partial<GrantRequest> = {}, tools = adasTools) {
  const request = { author: toSessionName('ada'), session, change: { kind: 'grant', days: 30 } as const, ...rest }
  return grant(clone.box, tools, request)
}

function revoke(clone: Clone, session: SessionName, lastGood?: number, tools = adasTools) {
  return grantTo(clone, session, { change: { kind: 'revoke', reason: 'stolen', lastGood } }, tools)
}

function statementOf(outcome: GrantOutcome) {
  return outcome.statement
}

async function opened(clone: Clone, tools = adasTools) {
  return openRegistry(clone.box, (await read(clone.box)).branch.tree, tools)
}

async function verdictOf(clone: Clone, session: SessionName, sequence: number) {
  const { keys } = await opened(clone)
  const key = await clone.box.keys.publicKey(session)
  return judgeKey(keys, { session, key, sequence, time: clone.box.clock.now().wallMs }).kind
}

for (const kind of ['memory', 'local', 'remote'] as const satisfies readonly FleetKind[])
  test(`a session's key is granted, extended and revoked, each told in the log, on ${kind}`, () =>
    on(
      board,
      async (fleet, a, b) => {
        await claim(a, s1, 'T1')
        const change = { kind: 'grant', capabilities: ['rust'], budgetUsd: 50, days: 2 } as const
        const first = await grantTo(a, s1, { change })
        assert.is(first.kind, 'granted')
        assert.is(await verdictOf(b, s1, 1), 'granted')
        fleet.clock.advance(3 * 86_400_000)
        assert.is(await verdictOf(b, s1, 1), 'expired')
        const again = statementOf(await grantTo(b, s1))
        assert.ok(again.kind === 'grant')
        assert.equal([again.version, again.capabilities, again.budgetUsd], [2, ['rust'], 50])
        assert.is(await verdictOf(a, s1, 1), 'granted')

        await done(a, s1)
        const revocation = statementOf(await revoke(a, s1))
        assert.ok(revocation.kind === 'revoke')
        assert.is(revocation.lastGood?.sequence, 2)
        assert.equal([await verdictOf(b, s1, 2), await verdictOf(b, s1, 3)], ['granted', 'revoked'])
        assert.is((await revoke(b, s1)).kind, 'unchanged')
        assert.is(await codeOf(grantTo(b, s1)), 'grant/key-revoked')

        await settle(a, s1)
        const told = (await sealedEvents(a)).filter((line) => line.startsWith('ada#'))
        assert.equal(told, ['ada#1 key-granted', 'ada#2 key-granted', 'ada#3 key-revoked'])
        const listed = await listGrants(b.box, adasTools)
        assert.equal(listed.findings, [])
        assert.equal(
          listed.grants.map(({ session, state, operator }) => [session, state, operator]),
          [[s1, 'revoked', 'ada']],
        )
      },
      kind,
    ))

test('the event names the statement by its version and the hash of its JSON', () =>
  on(board, async (_fleet, a) => {
    await claim(a, s1, 'T1')
    const statement = statementOf(await grantTo(a, s1))
    const { snapshot } = await read(a.box)
    const event = snapshot.sessions.get(toSessionName('ada'))?.record.last?.event
    assert.is(event?.data.from, s1)
    assert.equal(event?.data.registry, { version: 1, statement: sha256OfText(statementJson(statement)) })
  }))

for (const kind of ['memory', 'remote'] as const)
  test(`two operators who grant at once make one history without a lost statement, on ${kind}`, () =>
    on(
      board,
      async (_fleet, a, b) => {
        await claim(a, s1, 'T1')
        await claim(b, s2, 'T2')
        const rounds = 4
        const granting = async (clone: Clone, operator: SoftOperator, session: SessionName) => {
          for (let round = 1; round <= rounds; round += 1)
            await grantTo(clone, session, { author: toSessionName(operator.name) }, toolsOf(operator, ada, ben))
        }
        await Promise.all([granting(a, ada, s1), granting(b, ben, s2)])
        const { registry, keys } = await opened(a)
        assert.equal(keys.findings, [])
        assert.is(registry.entries.length, 2 * rounds)
        assert.equal(
          [s1, s2].map((session) => registry.entries.filter(({ statement }) => statement?.session === session).length),
          [rounds, rounds],
        )
      },
      kind,
    ))

test('two operators who say the same at the same moment have both said it', () =>
  on(board, async (_fleet, a, b) => {
    await claim(a, s1, 'T1')
    const name = 'operator'
    const granting = [
      [a, ada],
      [b, ben],
    ] as const
    await Promise.all(
      granting.map(([clone, operator]) => grantTo(clone, s1, {}, toolsOf({ ...operator, name }, ada, ben))),
    )
    const { keys } = await opened(a)
    assert.equal(keys.findings, [])
    const life = keys.keys.get(await a.box.keys.publicKey(s1))
    assert.equal(life?.grants.map(({ operator }) => operator).sort(), ['ada', 'ben'])
  }))

test('an operator whose push is overtaken by an edit of the board signs once', () =>
  on(board, async (fleet, a) => {
    await claim(a, s1, 'T1')
    let signed = 0
    const operator = {
      ...ada,
      sign: (namespace: string, text: string) => {
        signed += 1
        return ada.sign(namespace, text)
      },
    }
    a.traffic.beforePush = async () => {
      a.traffic.beforePush = undefined
      await fleet.edit((text) => text.replace('T3', 'T3 '))
      return undefined
    }
    assert.is((await grantTo(a, s1, {}, { ...adasTools, operator })).kind, 'granted')
    assert.is(signed, 1)
    assert.is(a.traffic.log.length, 3)
  }))

for (const whole of [false, true])
  test(`a server that took ${whole ? 'all' : 'the board alone'} and was killed costs no statement and no event`, () =>
    on(board, async (fleet, a) => {
      await claim(a, s1, 'T1')
      a.traffic.beforePush = async (moves) => {
        a.traffic.beforePush = undefined
        for (const { ref, next } of whole ? moves : moves.slice(0, 1)) await fleet.force(ref, next)
        return { kind: 'busy', reason: 'the connection broke' }
      }
      assert.is(statementOf(await grantTo(a, s1)).version, 1)
      assert.is((await opened(a)).registry.entries.length, 1)
      await settle(a, s1)
      const told = (await sealedEvents(a)).filter((line) => line.startsWith('ada#'))
      assert.equal(told, ['ada#1 key-granted'])
    }))

test('a session that has not joined is granted by its key alone', () =>
  on(board, async (_fleet, a) => {
    assert.is(await codeOf(grantTo(a, s1)), 'session/unknown')
    const publicKey = await a.box.keys.publicKey(s1)
    assert.is(statementOf(await grantTo(a, s1, { publicKey })).key, publicKey)
    assert.is(await codeOf(grantTo(a, s2, { publicKey })), 'grant/key-taken')
    const revocation = statementOf(await revoke(a, s1, undefined))
    assert.is(revocation.kind === 'revoke' && revocation.lastGood, undefined)
    assert.is(await verdictOf(a, s1, 1), 'revoked')
  }))

test('the key of a chain that was sealed and swept is found', () =>
  on(board, async (fleet, a) => {
    await claim(a, s1, 'T1')
    await done(a, s1)
    await settle(a, s1)
    await fleet.force(sessionRefOf(s1), undefined)
    assert.is(statementOf(await grantTo(a, s1)).key, await a.box.keys.publicKey(s1))
  }))

test('the last good event can be any that the chain or the notes hold', () =>
  on(board, async (_fleet, a) => {
    const events = []
    for (const id of ['T1', 'T2']) {
      await claim(a, s1, id)
      await done(a, s1)
      const { snapshot } = await read(a.box)
      events.push(snapshot.sessions.get(s1)?.record.last?.event)
      if (id === 'T1') await settle(a, s1)
    }
    // Four events: two are sealed, two are not.
    for (const sequence of [4, 3, 2, 1]) {
      const statement = statementOf(await revoke(a, s1, sequence))
      assert.ok(statement.kind === 'revoke')
      assert.is(statement.lastGood?.sequence, sequence)
      const event = events.find((one) => one?.sequence === sequence)
      if (event !== undefined) assert.is(statement.lastGood?.hash, eventHash(event, sha256OfText))
      assert.match(statement.lastGood?.hash ?? '', /^[0-9a-f]{64}$/)
    }
    assert.is(await codeOf(revoke(a, s1, 5)), 'usage/invalid')
    assert.is(statementOf(await revoke(a, s1, 0)).version, 5)
  }))

test('a key that is not pinned here grants, and is not believed here', () =>
  on(board, async (_fleet, a, b) => {
    await claim(a, s1, 'T1')
    const outcome = await grantTo(a, s1, {}, toolsOf(ada, ben))
    assert.ok(outcome.kind === 'granted')
    assert.is(outcome.signer.pinnedAs, undefined)
    assert.is(outcome.signer.key, ada.publicKey)
    const { grants, findings } = await listGrants(a.box, toolsOf(ada, ben))
    assert.equal([grants.length, findings.map(({ code }) => code)], [0, ['registry/unpinned-signer']])
    assert.is((await listGrants(b.box, adasTools)).grants.length, 1)
    // Another operator goes on behind it.
    assert.is(statementOf(await grantTo(b, s1, {}, toolsOf(ben, ben))).version, 2)
  }))

test('a registry that was rolled back is refused until it is put back', () =>
  on(board, async (fleet, a, b) => {
    await claim(a, s1, 'T1')
    await grantTo(a, s1)
    const before = await fleet.text(REGISTRY_FILE)
    await revoke(a, s1)
    const whole = await fleet.text(REGISTRY_FILE)
    assert.is((await opened(b)).registry.entries.length, 2)
    for (const text of [before, '', undefined]) {
      await fleet.edit(() => text, { file: REGISTRY_FILE })
      assert.is(await codeOf(opened(a)), 'registry/rolled-back')
      assert.is(await codeOf(grantTo(b, s1)), 'registry/rolled-back')
      assert.is(await codeOf(listGrants(b.box, adasTools)), 'registry/rolled-back')
      // Work goes on: who may claim is not the registry's to say yet.
      await sync(a.box, s1)
    }
    await fleet.edit(() => whole, { file: REGISTRY_FILE })
    assert.is((await grantTo(a, s2, { publicKey: await a.box.keys.publicKey(s2) })).kind, 'granted')
  }))

test('a registry that was read before another process of the clone saw a statement is no rollback', () =>
  on(board, async (_fleet, a) => {
    await claim(a, s1, 'T1')
    const { tree } = (await read(a.box)).branch
    await grantTo(a, s1)
    const { registry } = await openRegistry(a.box, tree, adasTools)
    assert.is(registry.entries.length, 0)
  }))

test('a person who goes on from a rewound branch goes on from its registry', () =>
  on(board, async (fleet, a) => {
    await claim(a, s1, 'T1')
    await done(a, s1)
    const before = await fleet.head()
    await settle(a, s1)
    await grantTo(a, s1)
    await fleet.force(layout.board, before)
    assert.is(await codeOf(grantTo(a, s1)), 'board/rewound')
    await acceptRewind(a.box, s1)
    assert.is(statementOf(await grantTo(a, s1)).version, 1)
  }))

test('nothing is appended to a registry that somebody damaged, and the line is named', () =>
  on(board, async (fleet, a) => {
    await claim(a, s1, 'T1')
    await grantTo(a, s1)
    const whole = (await fleet.text(REGISTRY_FILE)) ?? ''
    const fake = `session-9 ${ada.publicKey}\n`
    for (const text of [
      `${whole}${fake}`,
      `${whole}# statement {}\n# signature AAAA\n`,
      whole.replace('grant 1', 'grant 2'),
    ]) {
      await fleet.edit(() => text, { file: REGISTRY_FILE })
      assert.is(await codeOf(grantTo(a, s1)), 'registry/invalid')
    }
    const junk = 'x'.repeat(2 * 1024 * 1024)
    await fleet.edit(() => junk, { file: REGISTRY_FILE })
    assert.is(await codeOf(grantTo(a, s1)), 'registry/rolled-back')
    assert.is(await codeOf(claim(a, s2, 'T2')), 'granted T2')
  }))

test('a signature that does not fit what was to be signed is not pushed', () =>
  on(board, async (fleet, a) => {
    await claim(a, s1, 'T1')
    const lies = [
      { ...ada, sign: async () => 'no signature' },
      { ...ada, sign: (namespace: string) => ada.sign(namespace, 'something else') },
      { ...ada, sign: (_namespace: string, text: string) => ada.sign('git', text) },
    ]
    for (const operator of lies)
      assert.is(await codeOf(grantTo(a, s1, {}, { ...adasTools, operator })), 'operator/cannot-sign')
    assert.is(await fleet.text(REGISTRY_FILE), undefined)
  }))

test('the version of a grant is told without a registry, with one, and for a key that was revoked', () =>
  on(board, async (_fleet, a) => {
    await claim(a, s1, 'T1')
    const of1 = { session: s1, key: await a.box.keys.publicKey(s1) }
    const version = async () => grantVersion(a.box, (await read(a.box)).branch.tree, of1)
    assert.is(await version(), undefined)
    await grantTo(a, s1)
    await grantTo(a, s1)
    assert.is(await version(), 2)
    await revoke(a, s1)
    assert.is(await version(), undefined)
  }))

test.run()
