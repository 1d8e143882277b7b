/** Secrets that are typed into commands and boards, and what is left of them in every object that git keeps. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sampled } from '../support/sampled.ts'
import { FIXED } from '../support/secrets.ts'
import { BOARD, makeWorld, putBoards, type World } from './world.ts'

const test = suite<{ world: World }>('secrets on the command line')

test.before(async (context) => {
  context.world = await makeWorld()
})
test.after((context) => context.world.remove())

/** Typed by a person into the title of A1; the board keeps it. */
const inTitle = `ghp_${'t1T2t3'.repeat(6)}`
/** Typed into `pause`, whose reason stands on the board as a person's. */
const inPause = `ghp_${'p1P2p3'.repeat(6)}`
/** Set by `set`, so that the seal records it as an edit. */
const inEdit = `ghp_${'e1E2e3'.repeat(6)}`
const bearer = 'b3ar3r'.repeat(5)
/** Said by sessions: what must be nowhere. */
const said = [FIXED.aws, FIXED.github, FIXED.slack, FIXED.npm, 'QWxsVGhl'.repeat(8), bearer]
const typed = [inTitle, inPause, inEdit]

/** No other file of the branch begins so. */
const TOP = '# Tasks of the shop'
const board = `${TOP}

| ID | Task | Status | Dependencies |
|----|------|--------|--------------|
| A1 | Use ${inTitle} for the API | AVAILABLE | None |
| A2 | Write the printer | AVAILABLE | None |
| A3 | Write the manual | AVAILABLE | None |
| A4 | Write the index | AVAILABLE | None |
| A5 | Write the page | AVAILABLE | None |
`

/** Every session of the story, each with something that it should not have typed. */
const STORY: readonly (readonly [string, ...string[]])[] = [
  ['one', 'join', 'one', '--can', `parser,${FIXED.aws}`, '--model', `large ${FIXED.npm}`],
  ['one', 'claim', 'A1'],
  ['two', 'claim', 'A1'],
  ['one', 'done', 'A1', '--note', `AWS: ${FIXED.aws}, hub: ${FIXED.github}`, '--evidence', `said ${FIXED.slack} there`],
  ['one', 'claim', 'A2'],
  ['one', 'fail', 'A2', '--reason', `npm says ${FIXED.npm} is wrong`],
  ['one', 'claim', 'A3'],
  ['one', 'block', 'A3', '--on', `somebody who knows ${FIXED.key}`],
  ['one', 'claim', 'A4'],
  ['one', 'note', 'A4', `curl -H "Authorization: Bearer ${bearer}"`],
  ['one', 'release', 'A4', '--reason', `no luck with ${FIXED.slack}`],
  ['one', 'sync'],
  ['ann', 'pause', 'A5', '--reason', `until ${inPause} is gone`],
  ['ann', 'set', 'A4', 'title', `Write the index with ${inEdit}`],
  ['one', 'sync'],
  ['two', 'claim', 'A4'],
  ['two', 'sync'],
]

for (const authority of sampled(['remote', 'local'] as const, 1))
  test(`what a session said is in no object and no file, with a ${authority} authority`, async ({ world }) => {
    const folder = await world.clone(authority)
    const remote = authority === 'remote' ? await remoteOf(world, folder) : undefined
    await putBoards(folder, { 'TASK-BOARD.md': board }, remote)
    const talk = await tell(world, folder)
    const beside = join(folder, '.git', 'if-board')
    for (const repository of [join(beside, 'hub.git'), ...(remote === undefined ? [] : [remote])])
      checkObjects(await objectsOf(world, repository), repository)
    for (const text of await localFiles(beside)) checkWithout(text, said, 'a file of the clone')
    checkWithout(talk, [...said, ...typed], 'stderr')
    for (const line of TOLD) assert.ok(talk.includes(`if-board: masked ${line}`), `${line} is not in:\n${talk}`)
  })

const TOLD = [
  '2 secrets in the note: aws access key id, github token. They were not written anywhere; revoke them if they were real.',
  '1 secret in the evidence: slack token. It was not written anywhere; revoke it if it was real.',
  '1 secret in the reason: npm access token. It was',
  '1 secret in what it waits for: private key. It was',
  '1 secret in the note: authorization header. It was',
  '1 secret in the title: github token. Boards keep what was typed: revoke it, and take it out there.',
  '1 secret in the message of the change: github token. Boards keep',
]

async function remoteOf(world: World, folder: string): Promise<string> {
  const remote = join(world.root, 'remote.git')
  await world.git(world.root, 'init', '--quiet', '--bare', remote)
  await world.git(folder, 'remote', 'add', 'origin', remote)
  return remote
}

/** The story, and all that it says on stderr. */
async function tell(world: World, folder: string): Promise<string> {
  let talk = ''
  for (const [session, ...args] of STORY) {
    const { status, stderr } = await world.run(folder, args, { IF_BOARD_SESSION: session })
    const lost = session === 'two' && args[1] === 'A1'
    assert.is(status, lost ? 4 : 0, `${args.join(' ')}: ${stderr}`)
    talk += stderr
  }
  return talk
}

function checkObjects(objects: readonly string[], repository: string): void {
  const all = objects.join('\n')
  for (const written of ['if-board.complete', '[masked: aws access key id]', '[masked: private key]'])
    assert.ok(all.includes(written), `${written} is not in ${repository}`)
  checkWithout(all, said, repository)
  for (const secret of typed) {
    const holders = objects.filter((text) => text.includes(secret))
    assert.ok(holders.length > 0, 'the board keeps what a person typed')
    assert.equal(
      holders.filter((text) => !text.startsWith(TOP)),
      [],
      `${secret} is in more than boards`,
    )
  }
}

function checkWithout(text: string, secrets: readonly string[], place: string): void {
  for (const secret of secrets) assert.not.ok(text.includes(secret), `${secret} is in ${place}`)
}

test('a command on an ordinary board does not load the rules; one that meets a secret does', async ({ world }) => {
  const folder = await world.clone('ordinary')
  await putBoards(folder, { 'TASK-BOARD.md': BOARD })
  const rules = async (...args: string[]) => {
    const sources = await world.sourcesLoadedBy(folder, args)
    assert.ok(sources.includes('src/adapters/secretlint/prefilter.ts'), 'what is loaded is known')
    return sources.filter((source) => /secretlint-rule|adapters\/secretlint\/rules/.test(source))
  }
  assert.equal(await rules('next', '--session', 'one'), [])
  assert.equal(await rules('done', '--note', 'see src/parser.ts, merged as 1a2b3c4d5e6f7', '--session', 'one'), [])
  assert.is((await rules('next', '--session', 'one')).length, 0)
  assert.ok((await rules('fail', '--reason', FIXED.github, '--session', 'one')).length > 0)
})

/** Text of every object, reachable or not; trees have none. */
async function objectsOf(world: World, repository: string): Promise<string[]> {
  const list = await world.git(
    repository,
    ...['cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)'],
  )
  const objects: string[] = []
  for (const line of list.split('\n')) {
    const [oid = '', type = ''] = line.split(' ')
    if (type !== 'tree') objects.push(await world.git(repository, 'cat-file', type, oid))
  }
  return objects
}

/** Files beside the hub: what the clone remembers. */
async function localFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.includes('hub.git'))
  return Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')))
}

test.run()
