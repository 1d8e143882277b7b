/** A project whose tasks have checks and bodies: files in commits, and boards that name them by their hash. */
import { createHash } from 'node:crypto'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Run } from '../../src/model/index.ts'
import { putBoards, type World } from './world.ts'

export interface Row {
  readonly id: string
  readonly deliverable?: string
  readonly check?: string
  readonly run?: string
}

/** A board of these tasks, all open. */
export function boardOf(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ id, deliverable = '-', check = '-', run = '-' }) =>
      `| ${id} | Task ${id} | OPEN | ${deliverable} | ${code(check)} | ${code(run)} |`,
  )
  const head = '| ID | Task | Status | Deliverable | Check | Run |\n|----|------|--------|---|---|---|'
  return `# Board\n\n${head}\n${lines.join('\n')}\n`
}

const code = (text: string) => (text === '-' ? text : `\`${text.replaceAll('|', '\\|')}\``)

export type Files = Readonly<Record<string, string | Uint8Array | { readonly link: string }>>

/** A clone with these boards and one commit of these files. */
export async function project(world: World, name: string, files: Files, boards: Record<string, string>) {
  const folder = await world.clone(name)
  await putBoards(folder, boards)
  await commit(world, folder, files)
  return folder
}

/** @returns the commit */
export async function commit(world: World, folder: string, files: Files): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    if (typeof content === 'object' && 'link' in content) await symlink(content.link, join(folder, path))
    else await writeFile(join(folder, path), content)
  }
  await world.git(folder, 'add', '--all')
  await world.git(folder, 'commit', '--quiet', '--allow-empty', '--message=work')
  return world.git(folder, 'rev-parse', 'HEAD')
}

/** The job that a file is, by its bytes. */
export function jobOf(path: string, content: string | Uint8Array, more = ''): string {
  const form = path.endsWith('.wasm') ? 'wasm' : 'js'
  return `${form}:${path}#sha256=${createHash('sha256').update(content).digest('hex')}${more}`
}

/** Every run in the log, oldest first. */
export async function runsIn(world: World, folder: string): Promise<Run[]> {
  const { stdout } = await world.run(folder, ['witness', 'log', '--type', 'ran', '--json'])
  return JSON.parse(stdout).entries.map(({ event }: { event: { data: { ran: Run } } }) => event.data.ran)
}
