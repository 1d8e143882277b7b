import { existsSync } from 'node:fs'
import { chmod, mkdir, utimes, writeFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fileKeyRing } from '../../src/adapters/fs/key-ring.ts'
import { fileMemory } from '../../src/adapters/fs/local-memory.ts'
import { fileOperatorPins } from '../../src/adapters/fs/operator-pins.ts'
import {
  discoverRepository,
  gitObjectStore,
  gitWorkRepository,
  localRefStore,
  openHub,
  remoteRefStore,
} from '../../src/adapters/git/index.ts'
import { replacedRefs } from '../../src/adapters/git/replaced-refs.ts'
import { gitCloneSetup } from '../../src/adapters/git/setup.ts'
import { gitHubHealth } from '../../src/adapters/git/setup-health.ts'
import { systemChance } from '../../src/adapters/process/chance.ts'
import { systemClock } from '../../src/adapters/process/clock.ts'
import { sha256OfBytes, sha256OfText, verifyEd25519 } from '../../src/adapters/process/hashes.ts'
import { nodeSshCrypto } from '../../src/adapters/process/ssh-crypto.ts'
import { secretlintMask } from '../../src/adapters/secretlint/index.ts'
import { refLayout } from '../../src/claim/index.ts'
import { invariant, objectId } from '../../src/model/index.ts'
import type { Clock } from '../../src/ports/index.ts'
import { type DoctorReport, type DoctorRequest, doctor } from '../../src/workflows/doctor.ts'
import { type Sandbox, sandbox } from '../support/git-servers.ts'
import { BOARD, initIn, portrait, put } from './setup-world.ts'

let box: Sandbox
test.before.each(() => {
  box = sandbox()
})
test.after.each(() => box.remove())

async function openToolbox(cwd: string, clock: Clock) {
  const repository = await discoverRepository(cwd, box.environment)
  const hub = await openHub(repository)
  invariant(hub !== undefined, 'doctor asks for a toolbox only where there is a hub')
  const objects = gitObjectStore(hub)
  const beside = (name: string) => `${hub.path}/../${name}`
  const toolbox = {
    objects,
    refs: hub.binding.authority === 'local' ? localRefStore(hub) : remoteRefStore(hub),
    memory: fileMemory(beside('memory')),
    keys: fileKeyRing(beside('keys')),
    clock,
    chance: systemChance,
    work: gitWorkRepository(repository),
    secrets: secretlintMask(),
    tellMasked: () => undefined,
    layout: refLayout(hub.binding.refs),
    sha256: sha256OfText,
    sha256Bytes: sha256OfBytes,
    emptyTree: objectId({ type: 'tree', body: new Uint8Array() }, objects.hash),
    boardId: hub.binding.boardId ?? '',
    authority: hub.binding.authority,
    trigger: 'cli' as const,
  }
  const registry = { pins: fileOperatorPins(beside('.')), crypto: nodeSshCrypto }
  const log = {
    operators: [],
    replaced: () => replacedRefs(hub),
    tools: { verify: verifyEd25519, sshCrypto: nodeSshCrypto },
  }
  return { box: toolbox, registry, log, close: () => objects.close() }
}

async function doctorIn(folder: string, mode: DoctorRequest['mode'] = 'look', clock: Clock = systemClock()) {
  const cwd = box.path(folder)
  const tools = {
    clone: gitCloneSetup(cwd, box.environment),
    health: gitHubHealth(cwd, box.environment),
    openToolbox: () => openToolbox(cwd, clock),
  }
  const report = await doctor(tools, { mode })
  for (const { message, hint } of report.checks)
    assert.not.match(`${message} ${hint}`, /delete|rm |--force|reset --hard/)
  return report
}

const failedIn = ({ checks }: DoctorReport) => checks.filter(({ ok }) => !ok).map(({ name }) => name)
const named = ({ checks }: DoctorReport) => checks.map(({ name }) => name)

async function lockAt(path: string, ageMinutes: number): Promise<string> {
  await mkdir(box.path(path, '..'), { recursive: true })
  await writeFile(box.path(path), '')
  const then = new Date(Date.now() - ageMinutes * 60_000)
  await utimes(box.path(path), then, then)
  return box.path(path)
}

test('a healthy clone passes every check, and looking changes nothing', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  await put(box, 'clone/TASKS.md', BOARD)
  await initIn(box, 'clone', { from: ['TASKS.md'] })
  const before = [portrait(box, 'clone'), portrait(box, 'remote.git')]
  const report = await doctorIn('clone')
  assert.equal(failedIn(report), [])
  const names = ['git', 'repository', 'hub', 'locks', 'objects', 'keys', 'authority', 'clock', 'fold', 'config']
  assert.equal(named(report), [...names, 'board-id', 'boards', 'operators', 'registry', 'log'])
  assert.equal([portrait(box, 'clone'), portrait(box, 'remote.git')], before)
})

test('with --fix the authority is probed, and the probe leaves nothing', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  await initIn(box, 'clone')
  const report = await doctorIn('clone', 'fix')
  assert.ok(report.checks.some(({ name, ok }) => name === 'probe' && ok))
  assert.is(box.git('remote.git', 'for-each-ref', '--format=%(refname)'), 'refs/heads/if-board/main')
  box.git('remote.git', 'config', 'receive.advertiseAtomic', 'false')
  assert.equal(failedIn(await doctorIn('clone', 'fix')), ['probe'])
})

test('outside a repository, and before init, it says what to type', async () => {
  await mkdir(box.path('nothing'))
  Object.assign(box.environment, { GIT_CEILING_DIRECTORIES: box.root })
  assert.equal(failedIn(await doctorIn('nothing')), ['repository'])
  await box.repository('clone')
  const report = await doctorIn('clone')
  assert.equal(failedIn(report), ['hub'])
  assert.is(report.checks.at(-1)?.hint, 'if-board init')
})

test('a damaged hub is a finding', async () => {
  await box.repository('clone')
  await initIn(box, 'clone')
  await writeFile(box.path('clone/.git/if-board/hub.git/if-board.json'), 'x')
  assert.equal(failedIn(await doctorIn('clone')), ['hub'])
})

test('locks older than ten minutes are named, and --fix removes these alone', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  await initIn(box, 'clone')
  const hub = 'clone/.git/if-board/hub.git'
  const old = [
    await lockAt(`${hub}/refs/heads/if-board/main.lock`, 11),
    await lockAt('remote.git/refs/heads/if-board/main.lock', 11),
    await lockAt('remote.git/refs/if-board/c/x.lock', 11),
    await lockAt('remote.git/packed-refs.lock', 11),
  ]
  const kept = [
    await lockAt(`${hub}/refs/if-board/c/x.lock`, 9),
    await lockAt('remote.git/refs/if-board/c/y.lock', 9),
    await lockAt('remote.git/refs/heads/main.lock', 60),
    await lockAt('clone/.git/index.lock', 60),
  ]
  assert.ok(failedIn(await doctorIn('clone')).includes('locks'))
  assert.ok(old.every((path) => existsSync(path)))
  const report = await doctorIn('clone', 'fix')
  assert.is(report.mended.length, old.length)
  assert.not.ok(failedIn(report).includes('locks'))
  assert.equal(
    old.filter((path) => existsSync(path)),
    [],
  )
  assert.ok(kept.every((path) => existsSync(path)))
})

test('a key that others can read is a finding', async () => {
  if (process.platform === 'win32') return
  await box.repository('clone')
  await initIn(box, 'clone')
  const folder = box.path('clone/.git/if-board/keys')
  await mkdir(folder)
  await writeFile(`${folder}/s-1.pem`, 'key', { mode: 0o600 })
  assert.equal(failedIn(await doctorIn('clone')), [])
  await chmod(`${folder}/s-1.pem`, 0o644)
  const report = await doctorIn('clone')
  assert.equal(failedIn(report), ['keys'])
})

test('a remote that is away, and a changed URL, are findings of the authority', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  await initIn(box, 'clone')
  box.git('clone', 'config', 'remote.origin.uploadpack', '/bin/false')
  assert.equal(failedIn(await doctorIn('clone')), ['authority'])
  box.git('clone', 'config', '--unset', 'remote.origin.uploadpack')
  box.git('clone', 'remote', 'set-url', 'origin', box.bare('other.git'))
  const report = await doctorIn('clone')
  assert.equal(failedIn(report), ['authority'])
  assert.match(report.checks.find(({ ok }) => !ok)?.hint ?? '', /if-board init --remote origin/)
})

/** A person's commit that removes one file of the board's branch. */
function dropFile(path: string): void {
  box.git('edit', 'rm', '--quiet', path)
  box.git('edit', 'commit', '--quiet', '--message=edit')
  box.git('edit', 'push', '--quiet')
}

test('a branch that is gone, a config that is gone and a board that is gone are told apart', async () => {
  const hub = 'clone/.git/if-board/hub.git'
  await box.repository('clone')
  await initIn(box, 'clone')
  box.git('.', 'clone', '--quiet', hub, 'edit')
  dropFile('TASK-BOARD.md')
  assert.equal(failedIn(await doctorIn('clone')), ['boards'])
  dropFile('.if-board/config.yml')
  assert.equal(failedIn(await doctorIn('clone')), ['config'])
  box.git(hub, 'update-ref', '-d', 'refs/heads/if-board/main')
  assert.equal(failedIn(await doctorIn('clone')), ['branch'])
})

test('fix brings the schema for editors up to date, and looks at nothing that is as it was', async () => {
  const hub = 'clone/.git/if-board/hub.git'
  const file = '.if-board/config.schema.json'
  await box.repository('clone')
  await initIn(box, 'clone')
  const fresh = box.git(hub, 'show', `if-board/main:${file}`)
  box.git('.', 'clone', '--quiet', '--branch', 'if-board/main', hub, 'edit')
  await put(box, `edit/${file}`, '{}')
  box.git('edit', 'commit', '--quiet', '--all', '--message=older')
  box.git('edit', 'push', '--quiet')
  assert.equal((await doctorIn('clone')).mended, [])
  assert.is(box.git(hub, 'show', `if-board/main:${file}`), '{}')
  assert.match((await doctorIn('clone', 'fix')).mended.join(), /config\.schema\.json/)
  assert.is(box.git(hub, 'show', `if-board/main:${file}`), fresh)
  assert.not.match((await doctorIn('clone', 'fix')).mended.join(), /schema/)
})

test('a rewound branch is a finding', async () => {
  const hub = 'clone/.git/if-board/hub.git'
  await box.repository('clone')
  await initIn(box, 'clone')
  await fileMemory(box.path('clone/.git/if-board/memory')).write('last-fold', `${'1'.repeat(40)}\n`)
  assert.equal(failedIn(await doctorIn('clone')), ['fold'])
  await fileMemory(box.path('clone/.git/if-board/memory')).write(
    'last-fold',
    box.git(hub, 'rev-parse', 'if-board/main'),
  )
  assert.equal(failedIn(await doctorIn('clone')), [])
})

test('a clock far behind the newest commit of the board is a finding', async () => {
  await box.repository('clone')
  await initIn(box, 'clone')
  const behind = { ...systemClock(), now: () => ({ wallMs: Date.now() - 3_600_000, monotonicMs: 0, bootId: 'b' }) }
  assert.equal(failedIn(await doctorIn('clone', 'look', behind)), ['clock'])
})

test.run()
