/** Settings and instructions of coding tools in the user's work tree. */
import { access, constants, lstat, mkdir, readdir, readFile, realpath, rm, rmdir, stat } from 'node:fs/promises'
import { delimiter, dirname, join, relative, sep } from 'node:path'
import { invariant } from '../../model/index.ts'
import type { ProjectFile, ProjectFiles } from '../../ports/index.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { discoverRepository, workPlace } from './discover.ts'
import type { Environment } from './environment.ts'
import { runGit } from './git.ts'

/** No tool's settings are nearly as large. */
const MAX_BYTES = 1 << 20

export function gitProjectFiles(cwd: string, environment: Environment): ProjectFiles {
  const repository = discoverRepository(cwd, environment)
  repository.catch(() => undefined)
  const rootOf = async () => (await repository).workTree
  const absolute = async (path: string) => {
    const root = await rootOf()
    invariant(root !== undefined && !path.split('/').includes('..'), 'a project file lies in the work tree')
    return join(root, ...path.split('/'))
  }
  return {
    root: rootOf,
    async names(folder) {
      const found = await readdir(await absolute(folder)).catch(() => [])
      const args = ['ls-files', '-z', '--', folder === '' ? '.' : `${folder}/`]
      const { stdout } = await runGit(workPlace(await repository), { args })
      const prefix = folder === '' ? '' : `${folder}/`
      const tracked = stdout.split('\0').flatMap((path) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []))
      const here = new Set(tracked.filter((name) => name !== '' && !name.includes('/')))
      return [...here, ...found.filter((name) => !here.has(name)).sort()]
    },
    async read(path) {
      return readText(await absolute(path), (await rootOf()) as string)
    },
    async write(path, text) {
      const target = await followed(await absolute(path))
      const mode = (await stat(target).catch(() => undefined))?.mode
      await mkdir(dirname(target), { recursive: true })
      await writeFileAtomic(target, text, mode === undefined ? 0o644 : mode & 0o777)
    },
    async remove(path) {
      const target = await absolute(path)
      await rm(target, { force: true })
      await removeEmpty(dirname(target), (await rootOf()) as string)
    },
    program: (name) => onPath(name, environment),
  }
}

async function readText(path: string, root: string): Promise<ProjectFile> {
  const entry = await lstat(path).catch(() => undefined)
  if (entry === undefined) return { kind: 'absent' }
  const target = await realpath(path).catch(() => undefined)
  const inside = target === undefined ? '..' : relative(await realpath(root), target)
  if (target === undefined || inside.startsWith('..') || inside.split(sep).includes('.git'))
    return { kind: 'untouchable', reason: 'it is a link that leads out of the project' }
  const { size } = await stat(path)
  if (size > MAX_BYTES) return { kind: 'untouchable', reason: `it has ${size} bytes` }
  const bytes = await readFile(path).catch(() => undefined)
  if (bytes === undefined) return { kind: 'untouchable', reason: 'it cannot be read' }
  const text = bytes.toString('utf8')
  const isText = !bytes.includes(0) && Buffer.from(text).equals(bytes)
  return isText ? { kind: 'text', text, place: target } : { kind: 'untouchable', reason: 'it is no text in UTF-8' }
}

function followed(path: string): Promise<string> {
  return realpath(path).catch(() => path)
}

async function removeEmpty(folder: string, root: string): Promise<void> {
  for (let here = folder; here !== root && here.startsWith(root); here = dirname(here)) {
    const gone = await rmdir(here).then(
      () => true,
      () => false,
    )
    if (!gone) return
  }
}

async function onPath(name: string, environment: Environment): Promise<string | undefined> {
  const folders = (environment.PATH ?? environment.Path ?? '').split(delimiter).filter((folder) => folder !== '')
  const endings = process.platform === 'win32' ? ['.cmd', '.exe', '.bat'] : ['']
  for (const folder of folders)
    for (const ending of endings) {
      const path = join(folder, `${name}${ending}`)
      const found = await access(path, constants.X_OK).then(
        () => stat(path),
        () => undefined,
      )
      if (found?.isFile()) return path
    }
  return undefined
}
