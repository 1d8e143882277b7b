import { execFileSync } from 'node:child_process'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { gitEnvironment, KEPT_VARIABLES, LOCAL_VARIABLES } from '../../../src/adapters/git/environment.ts'
import { reasonOf, runGit, withoutCredentials } from '../../../src/adapters/git/git.ts'
import { gitObjectStore, localRefStore } from '../../../src/adapters/git/index.ts'
import { toRefName } from '../../../src/model/index.ts'
import { sandbox } from '../../support/git-servers.ts'
import { localHub, writeCommit } from '../../support/hub-worlds.ts'

const box = sandbox()
const { environment, git } = box
test.after(() => box.remove())

test('every variable that this git calls local is taken out or kept on purpose', () => {
  const local = execFileSync('git', ['rev-parse', '--local-env-vars'], { encoding: 'utf8' }).trim().split('\n')
  const known = new Set([...LOCAL_VARIABLES, ...KEPT_VARIABLES])
  assert.equal(
    local.filter((name) => !known.has(name)),
    [],
  )
})

test('the GIT_DIR of a git hook around us does not send writes into the user repository', async () => {
  const hub = await localHub(box, 'hooked')
  const inHook = {
    ...environment,
    GIT_DIR: box.path('hooked/.git'),
    GIT_INDEX_FILE: box.path('hooked/.git/index'),
    GIT_OBJECT_DIRECTORY: box.path('hooked/.git/objects'),
    GIT_PREFIX: '',
  }
  const place = { ...hub.place, environment: inHook }
  const store = gitObjectStore({ ...hub, place })
  const oid = await writeCommit(store, 'from a hook')
  const ref = toRefName('refs/if-board/c/hook-00000000')
  const refs = localRefStore({ ...hub, place })
  assert.is((await refs.moveAll([{ ref, expected: undefined, next: oid }])).kind, 'moved')
  await store.close()
  assert.throws(() => git('hooked', 'cat-file', '-e', oid))
  assert.is(git('hooked', 'for-each-ref', 'refs/if-board'), '')
  assert.is(git(hub.path.slice(box.root.length + 1), 'rev-parse', ref), oid)
})

test('no hook of the user runs for what we do', async () => {
  const hub = await localHub(box, 'with-hooks')
  await writeFile(box.path('hook'), '#!/bin/sh\necho ran >> "$HOME/hook-ran"\n')
  await chmod(box.path('hook'), 0o755)
  git('.', 'config', '--global', 'core.hooksPath', box.path('hooks'))
  execFileSync('mkdir', [box.path('hooks')])
  execFileSync('cp', [box.path('hook'), box.path('hooks/reference-transaction')])
  const store = gitObjectStore(hub)
  const oid = await writeCommit(store, 'quiet')
  await store.close()
  await localRefStore(hub).moveAll([{ ref: toRefName('refs/if-board/c/q-00000000'), expected: undefined, next: oid }])
  git('.', 'config', '--global', '--unset', 'core.hooksPath')
  assert.is(await readFile(box.path('hook-ran'), 'utf8').catch(() => 'never'), 'never')
})

test('variables that carry a person or a sandbox reach git, whatever they name', async () => {
  const given = {
    ...environment,
    GIT_SSH_COMMAND: 'ssh -F own',
    EDITOR: 'vi',
    PAGER: 'less',
    GIT_ASKPASS: '/bin/true',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.sshCommand',
    GIT_CONFIG_VALUE_0: 'from-environment',
    GIT_CONFIG_PARAMETERS: "'user.name=Outer'",
  }
  const settings = [{ key: "url.https://it's!a.example/.insteadOf", value: "b'!c" }]
  const place = { cwd: box.root, gitDir: undefined, environment: given, settings }
  const read = async (key: string) => (await runGit(place, { args: ['config', key] })).stdout.trim()
  assert.is(await read('core.sshCommand'), 'from-environment')
  assert.is(await read('user.name'), 'Outer')
  assert.is(await read("url.https://it's!a.example/.insteadOf"), "b'!c")
  assert.is(gitEnvironment({ environment: given }).GIT_SSH_COMMAND, 'ssh -F own')
})

test('a setting whose key has an equals sign is handed over whole', async () => {
  const settings = [{ key: 'http.https://a.example/?x=y.extraHeader', value: 'Authorization: z=1' }]
  const place = { cwd: box.root, gitDir: undefined, environment, settings }
  const { stdout } = await runGit(place, { args: ['config', 'http.https://a.example/?x=y.extraHeader'] })
  assert.is(stdout.trim(), 'Authorization: z=1')
})

test('a command that prints nothing takes no pause', async () => {
  const hub = await localHub(box, 'fast')
  const times: number[] = []
  for (let at = 0; at < 5; at += 1) {
    const start = performance.now()
    await runGit(hub.place, { args: ['for-each-ref'] })
    times.push(performance.now() - start)
  }
  assert.ok(Math.min(...times) < 45, `${times}`)
})

test('a command that hangs is stopped in time', async () => {
  const place = { cwd: box.root, gitDir: undefined, environment }
  const start = performance.now()
  const answer = await runGit(place, { args: ['-c', 'alias.hang=!sleep 4 >/dev/null 2>&1', 'hang'], timeoutMs: 200 })
  assert.is(answer.timedOut, true)
  assert.ok(performance.now() - start < 3_500)
})

test('reasons are printable and carry no credentials', () => {
  const said = "fatal: unable to access 'https://me:secret@host.example/x.git/': \u001b[31mno\n"
  assert.is(reasonOf(said), "fatal: unable to access 'https://host.example/x.git/': ?[31mno")
  assert.is(withoutCredentials('ssh://token@host/x and a@b'), 'ssh://host/x and a@b')
})

test.run()
