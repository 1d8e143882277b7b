/** What a person saves in a checkout, beside a real watcher and real git. */
import { appendFile, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { run, told } from '../support/cli.ts'
import { BOARD, type CheckoutWorld, checkoutWorld, FILE } from './checkout-world.ts'
import { until } from './socket-world.ts'
import { startWatch } from './world.ts'

let world: CheckoutWorld
test.before.each(async () => {
  world = await checkoutWorld()
})
test.after.each(() => world.remove())

const commits = () => Number(world.box.git('remote.git', 'rev-list', '--count', 'if-board/main'))
const isSaved = ({ event }: { event: string }) => event === 'saved'

/** The watcher pauses for two seconds after a save; saves nearer to each other than this are one row of saves. */
const ROW_MS = 1_500

/**
 * Until the watcher has looked at what was pushed: from then on a save begins a pause. Without this, the first save of a
 * row might fall on the end of a pause that its look at the branch began.
 */
async function watcherIsQuiet(): Promise<void> {
  const pushed = world.box.git('remote.git', 'rev-parse', 'if-board/main')
  const fetched = () => world.box.git('main', '--git-dir=.git/if-board/hub.git', 'for-each-ref', '--points-at', pushed)
  await until(async () => (fetched() === '' ? undefined : true))
  await sleep(3_000)
}

/** Saves in a row, and how long it took from the first to the last; resolves when the last is pushed. */
async function saveInARow(words: readonly string[]): Promise<number> {
  const began = performance.now()
  let endedAt = began
  for (const [at, word] of words.entries()) {
    if (at > 0) await sleep(300)
    await writeFile(world.box.path(FILE), BOARD.replace('Lay the ground', `Lay the ${word}`))
    endedAt = performance.now()
  }
  await until(async () => (world.pushed().includes(`Lay the ${words.at(-1)} |`) ? true : undefined))
  return endedAt - began
}

test('many saves in a row are one commit, pushed after the pause, by the person', async () => {
  // What a watcher finds when it begins is committed at once: from this on it has begun.
  await saveInARow(['floor'])
  await world.watcher.until(isSaved)
  await watcherIsQuiet()
  let before = commits()
  let ms = await saveInARow(['grounds', 'groundwork', 'groundwork 1'])
  // A test that is held up between two saves says nothing of a row.
  for (let tries = 2; tries <= 5 && ms > ROW_MS; tries += 1) {
    await watcherIsQuiet()
    before = commits()
    ms = await saveInARow(['grounds', 'groundwork', `groundwork ${tries}`])
  }
  assert.ok(ms <= ROW_MS, `${Math.round(ms)} ms between the first save and the last`)
  assert.is(commits(), before + 1)
  assert.not.match(world.box.git('remote.git', 'log', '-1', '--format=%ae', 'if-board/main'), 'if-board.invalid')
  assert.is(world.box.git('main-board', 'status', '--porcelain'), '')
})

test('a board with an error is not pushed, its place is told once, and the corrected one goes', async () => {
  await appendFile(world.box.path(FILE), '| A1 | Twice | AVAILABLE | None |\n')
  const no = await world.watcher.until(({ event }) => event === 'not-saved')
  assert.ok(no.event === 'not-saved' && /^TASKS\.md:8:\d+: /.test(no.message), JSON.stringify(no))
  assert.not.match(world.pushed(), 'Twice')
  await world.replace('| A1 | Twice', '| A4 | Twice')
  await world.watcher.until(isSaved)
  assert.match(world.pushed(), '| A4 | Twice')
  assert.is(world.watcher.events.filter(({ event }) => event === 'not-saved').length, 1)
})

test('bytes that are no text stay in the file', async () => {
  const bytes = Buffer.concat([Buffer.from(BOARD), Buffer.from([0xff, 0xfe])])
  await writeFile(world.box.path(FILE), bytes)
  const no = await world.watcher.until(({ event }) => event === 'not-saved')
  assert.is(no.event === 'not-saved' && no.code, 'board/not-text')
  assert.equal(await readFile(world.box.path(FILE)), bytes)
  assert.is(world.pushed(), BOARD.trimEnd())
})

/** Somebody with a clone of their own; what they push is a cell that they changed. */
function otherPerson(): (from: string, to: string) => Promise<void> {
  const { box } = world
  const file = box.path('other/TASKS.md')
  box.git('.', 'clone', '--quiet', '--branch=if-board/main', box.path('remote.git'), box.path('other'))
  return async (from, to) => {
    box.git('other', 'pull', '--quiet', '--rebase')
    await writeFile(file, (await readFile(file, 'utf8')).replace(from, to))
    box.git('other', 'commit', '--quiet', '--all', '--message=other')
    box.git('other', 'push', '--quiet')
  }
}

test('what others pushed meanwhile is joined cell by cell; two values in one cell are told, and nothing is lost', async () => {
  const push = otherPerson()
  await push('| A2 | Build on it | AVAILABLE', '| A2 | Build on it | PAUSED')
  await world.replace('Build on it', 'Build upon it')
  await world.watcher.until(isSaved)
  assert.match(world.pushed(), '| A2 | Build upon it | PAUSED |')

  await push('| A3 | Paint it | AVAILABLE', '| A3 | Paint it | PAUSED')
  await world.replace('| A3 | Paint it | AVAILABLE', '| A3 | Paint it | CANCELLED')
  const no = await world.watcher.until(({ event }) => event === 'not-saved')
  assert.is(no.event === 'not-saved' && no.code, 'edit/conflict')
  assert.match(world.pushed(), '| A3 | Paint it | PAUSED |')
  assert.match(await readFile(world.box.path(FILE), 'utf8'), '| A3 | Paint it | CANCELLED |')
  assert.is(world.box.git('main-board', 'rev-list', '--count', '@{upstream}..HEAD'), '1')
})

test('killed between the commit and the push, the next watcher pushes', async () => {
  await world.watcher.kill()
  await world.replace('Paint it', 'Paint it red')
  world.box.git('main-board', 'commit', '--quiet', '--all', '--message=by hand')
  const next = startWatch(world.where)
  await next.until(isSaved)
  assert.match(world.pushed(), 'Paint it red')
})

test('a lock that stays is told once, by its name, and what was saved meanwhile goes when it is gone', async () => {
  const lock = join(world.box.git('main-board', 'rev-parse', '--absolute-git-dir').trim(), 'index.lock')
  await writeFile(lock, '')
  const isTold = ({ event }: { event: string }) => event === 'not-saved'
  for (let saves = 0; saves < 10 && !world.watcher.events.some(isTold); saves += 1) {
    await writeFile(world.box.path(FILE), BOARD.replace('Lay the ground', `Lay the ground ${saves}`))
    await sleep(3_000)
  }
  const no = await world.watcher.until(isTold)
  assert.ok(
    no.event === 'not-saved' && no.code === 'checkout/busy' && no.message.includes('index.lock'),
    JSON.stringify(no),
  )
  assert.is(world.pushed(), BOARD.trimEnd())
  await rm(lock)
  await writeFile(world.box.path(FILE), BOARD.replace('Lay the ground', 'Lay the groundwork'))
  await world.watcher.until(isSaved)
  assert.match(world.pushed(), 'Lay the groundwork')
  assert.is(world.watcher.events.filter(isTold).length, 1)
})

test('another changed file is told once; where it keeps git from joining the two, that is told, and nothing is lost', async () => {
  const { box, watcher } = world
  const isTold = ({ event }: { event: string }) => event === 'not-saved'
  const codes = () => watcher.events.flatMap((one) => (one.event === 'not-saved' ? [one.code] : []))
  await appendFile(box.path('main-board/.if-board/config.yml'), '# by hand\n')
  for (const word of ['sand', 'clay', 'rock']) {
    const saves = watcher.events.filter(isSaved).length
    await world.replace(/Lay the \w+/, `Lay the ${word}`)
    await watcher.until((one) => isSaved(one) && watcher.events.filter(isSaved).length > saves)
  }
  assert.equal(codes(), ['checkout/by-hand'])

  await otherPerson()('| A3 | Paint it | AVAILABLE', '| A3 | Paint it | PAUSED')
  const isBusy = (one: { event: string; code?: string }) => isTold(one) && one.code === 'checkout/busy'
  for (let saves = 0; saves < 10 && !watcher.events.some(isBusy); saves += 1) {
    await world.replace(/Lay the \w+/, `Lay the ${['sand', 'clay'][saves % 2]}`)
    await sleep(3_000)
  }
  const no = await watcher.until(isBusy)
  assert.match(JSON.stringify(no), 'others pushed meanwhile')
  box.git('main-board', 'checkout', '--quiet', '--', '.if-board/config.yml')
  await world.replace(/Lay the \w+/, 'Lay the stones')
  await until(async () => (world.pushed().includes('Lay the stones') ? true : undefined))
  assert.match(world.pushed(), '| A3 | Paint it | PAUSED |')
  assert.is(codes().filter((code) => code === 'checkout/by-hand').length, 1)
})

test('a checkout that is removed is told once, and ends no watch; back in its place its edits go again', async () => {
  const { box, watcher, where } = world
  const isTold = ({ event }: { event: string }) => event === 'not-saved'
  await rename(box.path('main-board'), box.path('elsewhere'))
  const no = await watcher.until(isTold)
  assert.match(JSON.stringify(no), 'there is no folder')
  const added = await run(where, 'add', 'A4', 'Dance on it')
  assert.is(added.status, 0, told(added))
  await rename(box.path('elsewhere'), box.path('main-board'))
  await world.replace('Paint it', 'Paint it blue')
  await watcher.until(isSaved)
  assert.match(world.pushed(), 'Paint it blue')
  assert.is(watcher.events.filter(isTold).length, 1)
})

test.run()
