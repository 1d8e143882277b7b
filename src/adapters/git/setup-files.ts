/** A person's own files during set-up, and the templates that every new branch starts with. */
import { readdir, readFile, realpath, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { IfBoardError, printable } from '../../model/index.ts'
import { MAX_OBJECT_BYTES, type WorkFile, type WorkFiles } from '../../ports/index.ts'
import { discoverRepository, workPlace } from './discover.ts'
import type { Environment } from './environment.ts'
import { gitFailed, runGit } from './git.ts'

/** More candidates than a person reads are not named. */
const MAX_CANDIDATES = 20

export function gitWorkFiles(cwd: string, environment: Environment): WorkFiles {
  const workTree = async () => (await discoverRepository(cwd, environment)).workTree
  return {
    async read(path) {
      const absolute = resolve(cwd, path)
      const bytes = await readBytes(absolute, path)
      return bytes === undefined ? undefined : { bytes, inWorkTree: await isInside(absolute, await workTree()) }
    },

    async candidates() {
      const root = await workTree()
      if (root === undefined) return []
      const here = await realpath(cwd)
      return (await boardLike(root)).map((path) => relative(here, join(root, path)).split(sep).join('/'))
    },

    async remove(path, bytes) {
      const repository = await discoverRepository(cwd, environment)
      const absolute = resolve(cwd, path)
      const now = await readBytes(absolute, path)
      const root = repository.workTree
      if (root === undefined || now === undefined || Buffer.compare(now, bytes) !== 0) return 'changed'
      const inside = relative(root, join(await realpath(dirname(absolute)), basename(absolute)))
      // The file is on the board by now; `--force` only skips git's comparison of index and HEAD.
      const args = ['--literal-pathspecs', 'rm', '--quiet', '--cached', '--force', '--ignore-unmatch', '--', inside]
      const answer = await runGit(workPlace(repository), { args })
      if (answer.exitCode !== 0) throw gitFailed(`take \`${printable(path)}\` out of the index`, answer)
      await unlink(absolute)
      return 'removed'
    },

    template: (name) => readTemplate(name),
  }
}

async function readBytes(absolute: string, path: string): Promise<WorkFile['bytes'] | undefined> {
  try {
    const entry = await stat(absolute)
    if (!entry.isFile()) throw unreadable(path, 'is no file')
    if (entry.size > MAX_OBJECT_BYTES)
      throw new IfBoardError('board/too-large', `\`${printable(path)}\` has ${entry.size} bytes`, {
        hint: 'Split it into several boards',
      })
    return await readFile(absolute)
  } catch (cause) {
    if (cause instanceof IfBoardError) throw cause
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw unreadable(path, `cannot be read (${code})`, cause)
  }
}

function unreadable(path: string, why: string, cause?: unknown): IfBoardError {
  return new IfBoardError('file/unreadable', `\`${printable(path)}\` ${why}`, {
    hint: 'Name a markdown file that you can read',
    cause,
  })
}

async function isInside(absolute: string, root: string | undefined): Promise<boolean> {
  if (root === undefined) return false
  const path = relative(await realpath(root), join(await realpath(dirname(absolute)), basename(absolute)))
  return !path.startsWith('..') && !path.split(sep).includes('.git') && resolve(path) !== path
}

/** Paths below the root, with `/` between parts: boards by name, then one folder of each tool we know. */
async function boardLike(root: string): Promise<string[]> {
  const top = (await filesIn(root)).filter((name) => /^(?:tasks|.*task-board.*)\.md$/i.test(name))
  const specs: string[] = []
  for (const folder of await foldersIn(join(root, 'specs')))
    if ((await filesIn(join(root, 'specs', folder))).includes('tasks.md')) specs.push(`specs/${folder}/tasks.md`)
  const backlog = (await filesIn(join(root, 'backlog'))).filter((name) => name.endsWith('.md'))
  return [...top, ...specs, ...backlog.map((name) => `backlog/${name}`)].slice(0, MAX_CANDIDATES)
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).sort()
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort()
}

/** `templates/` lies beside `dist/` in the package and beside `src/` in the repository. */
async function readTemplate(name: string): Promise<string> {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (let levels = 0; levels < 4; levels += 1) {
    const text = await readFile(join(folder, 'templates', name), 'utf8').catch(() => undefined)
    if (text !== undefined) return text
    folder = dirname(folder)
  }
  throw new IfBoardError('file/unreadable', `the template \`${name}\` is missing from this installation`, {
    hint: 'Install if-board again',
  })
}
