/** Two people with a checkout each: what `git pull`, `git merge` and `git rebase` make of their edits. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mergeSettings } from '../../src/adapters/git/merge-driver.ts'
import { sampled } from '../support/sampled.ts'
import { makeWorld, type World } from './world.ts'

const test = suite<{ world: World }>('the merge driver under git')
test.before(async (context) => {
  context.world = await makeWorld()
})
test.after((context) => context.world.remove())

const BOARD = `# Board

| ID | Task | Status | Dependencies |
|----|------|--------|--------------|
| A1 | Write the parser | AVAILABLE | None |
| A2 | Write the printer | AVAILABLE | A1 |
| A3 | Write the manual | AVAILABLE | None |
`
const FILE = 'TASKS.md'

interface Desk {
  readonly folder: string
  read(file?: string): Promise<string>
  /** Change a file and commit it. */
  commit(change: (text: string) => string, file?: string): Promise<void>
  git(...args: string[]): Promise<string>
}

/** A board in a clone without remote, and two checkouts of it. */
async function desks(world: World, name: string, board = BOARD): Promise<[Desk, Desk]> {
  const clone = await world.clone(name)
  await writeFile(join(clone, FILE), board)
  assert.is((await world.run(clone, ['init', '--from', FILE])).status, 0)
  const desk = async (folder: string): Promise<Desk> => {
    const made = await world.run(clone, ['checkout', folder])
    assert.is(made.status, 0, made.stderr)
    const read = (file = FILE) => readFile(join(folder, file), 'utf8')
    const git = (...args: string[]) => world.git(folder, ...args)
    return {
      folder,
      read,
      git,
      async commit(change, file = FILE) {
        await writeFile(join(folder, file), change(await read(file)))
        await git('commit', '--quiet', '--all', '--message=edit')
      },
    }
  }
  return [await desk(join(world.root, `${name}-ann`)), await desk(join(world.root, `${name}-ben`))]
}

const pause = (text: string) => text.replace('parser | AVAILABLE', 'parser | PAUSED')
const need = (text: string) => text.replace('AVAILABLE | None', 'AVAILABLE | A3')
const add = (id: string) => (text: string) => `${text}| ${id} | New ${id} | AVAILABLE | A3 |\n`
const failed = (promise: Promise<unknown>) => promise.then(() => '', String)

test('edits of two cells of one row meet in a plain `git pull` and `git push`', async ({ world }) => {
  const [ann, ben] = await desks(world, 'cells')
  await ann.commit((text) => pause(add('A4')(text)))
  await ann.git('push', '--quiet')
  await ben.commit((text) => need(add('A5')(text)))
  await ben.git('pull', '--quiet')
  await ben.git('push', '--quiet')
  assert.match(await ben.read(), '| A1 | Write the parser | PAUSED | A3 |\n')
  assert.match(await ben.read(), '| A4 | New A4 | AVAILABLE | A3 |\n| A5 | New A5 | AVAILABLE | A3 |\n')
  await ann.git('pull', '--quiet')
  assert.is(await ann.read(), await ben.read())
})

for (const how of sampled(['merge', 'rebase'] as const, 1))
  test(`one cell with two values stops a \`git ${how}\`, with both in that cell and the rest merged`, async ({
    world,
  }) => {
    const [ann, ben] = await desks(world, `same-${how}`)
    await ann.commit((text) => pause(text).replace('manual', 'handbook'))
    await ann.git('push', '--quiet')
    await ben.commit((text) => text.replace('parser | AVAILABLE', 'parser | DONE').replace('printer', 'plotter'))
    await ben.git('fetch', '--quiet')
    assert.match(await failed(ben.git(how, 'origin/if-board/main')), 'TASKS.md: A1, status: `')
    const values = how === 'merge' ? 'DONE ======= PAUSED' : 'PAUSED ======= DONE'
    assert.match(
      await ben.read(),
      `| A1 | Write the parser | <<<<<<< ${values} >>>>>>> | None |\n| A2 | Write the plotter |`,
    )
    assert.match(await ben.read(), '| A3 | Write the handbook |')
    assert.is(await ben.git('diff', '--name-only', '--diff-filter=U'), FILE)
  })

test('a row that one side moved and the other changed, with line ends of Windows', async ({ world }) => {
  const [ann, ben] = await desks(world, 'moved', BOARD.replace(/\n/g, '\r\n'))
  const row = '| A1 | Write the parser | AVAILABLE | None |\r\n'
  await ann.commit((text) => text.replace(row, '') + row)
  await ann.git('push', '--quiet')
  await ben.commit(pause)
  await ben.git('pull', '--quiet', '--no-rebase', '--no-edit')
  assert.is(await ben.read(), BOARD.replace(/\n/g, '\r\n').replace(row, '') + row.replace('AVAILABLE', 'PAUSED'))
})

test('the generated part of the next tasks never stops a pull', async ({ world }) => {
  const [ann, ben] = await desks(world, 'pins')
  const page = 'AUTONOMOUS-NEXT-TASKS.md'
  const generated = (words: string) => (text: string) =>
    text.includes('generated:start')
      ? text.replace(/(generated:start -->\n)[\s\S]*?(<!-- if-board:generated:end)/, `$1${words}\n$2`)
      : `${text}\n<!-- if-board:generated:start -->\n${words}\n<!-- if-board:generated:end -->\n`
  await ann.commit(generated('one'), page)
  await ann.git('push', '--quiet')
  await ben.commit((text) => `Session 4: Your next task is A3\n${generated('two')(text)}`, page)
  await ben.git('pull', '--quiet', '--no-rebase', '--no-edit')
  assert.match(await ben.read(page), /^Session 4: Your next task is A3\n[\s\S]*generated:start -->\none\n/)
})

test('registering twice leaves one line, and what a person wrote beside it', async ({ world }) => {
  const [ann] = await desks(world, 'twice')
  const file = join(ann.folder, '.git', 'info', 'attributes')
  await writeFile(file, `*.png binary\n${await readFile(file, 'utf8')}`)
  assert.is((await world.run(join(world.root, 'twice'), ['checkout', ann.folder])).status, 0)
  assert.is(await readFile(file, 'utf8'), '*.png binary\n*.md merge=if-board\n*.markdown merge=if-board\n')
})

test('where if-board is gone, git merges as it does without us', async ({ world }) => {
  const [ann, ben] = await desks(world, 'gone')
  const [, driver] = mergeSettings([join(world.root, 'no-node'), join(world.root, 'no-script')])
  await ben.git('config', driver?.key ?? '', driver?.value ?? '')
  await ann.commit(pause)
  await ann.git('push', '--quiet')
  await ben.commit(need)
  await ben.git('fetch', '--quiet')
  await failed(ben.git('merge', 'origin/if-board/main'))
  assert.match(await ben.read(), /^<<<<<<< .*\n\| A1 .*\n=======\n\| A1 .*\n>>>>>>> /m)
})

test('a path with spaces, quotes and percent signs is called as it is', async ({ world }) => {
  if (process.platform === 'win32') return // no such names there
  const [ann, ben] = await desks(world, 'strange')
  const folder = join(world.root, `it's 100%A "odd" $HOME`)
  await mkdir(folder)
  const script = join(folder, 'run.sh')
  await writeFile(
    script,
    '#!/bin/sh\nprintf "%s|" "$@" > "$3"; printf "%s" "$3" > /dev/null; echo called > "$5.called"\n',
  )
  await chmod(script, 0o755)
  const [, driver] = mergeSettings(['/bin/sh', script])
  await ben.git('config', driver?.key ?? '', driver?.value ?? '')
  await ann.commit(pause)
  await ann.git('push', '--quiet')
  await ben.commit(need)
  await ben.git('fetch', '--quiet')
  await failed(ben.git('merge', '--no-edit', 'origin/if-board/main'))
  assert.match(await readFile(join(ben.folder, `${FILE}.called`), 'utf8'), 'called')
})

test('what is no text is merged as git does, and what is no merge is refused', async ({ world }) => {
  const folder = await world.clone('bytes')
  for (const name of ['base', 'ours', 'theirs'])
    await writeFile(join(folder, name), Uint8Array.of(0xff, 0, name.length))
  const binary = await world.run(folder, ['merge-driver', 'base', 'ours', 'theirs', 'x.md'])
  assert.is(binary.status, 1)
  assert.equal(new Uint8Array(await readFile(join(folder, 'ours'))), Uint8Array.of(0xff, 0, 4))
  assert.is((await world.run(folder, ['merge-driver', 'base'])).status, 2)
  assert.is((await world.run(folder, ['merge-driver', 'base', 'none', 'theirs', 'x.md'])).status, 1)
})

test.run()
