/** A project in a folder of its own, and commands run in it. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { systemExecutor } from '../../../src/adapters/executor/index.ts'
import type { CommandReport, CommandRun, Executor, ProgramPin } from '../../../src/ports/index.ts'

export const searchPath = [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':')

export interface Project {
  readonly root: string
  /** Two machines: with bwrap where it works, and without. */
  readonly walled: Executor
  readonly plain: Executor
  write(name: string, text: string): void
  remove(): void
}

export function makeProject(): Project {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'if-board-executor-')))
  return {
    root,
    walled: systemExecutor({ searchPath }),
    plain: systemExecutor({ searchPath, bwrap: 'off' }),
    write: (name, text) => writeFileSync(join(root, name), text),
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

export type Asked = Partial<Omit<CommandRun, 'limits'>> & { readonly limits?: Partial<CommandRun['limits']> }

export type AskedOn = Asked & { readonly on?: 'plain' | 'walled' }

const pins = new Map<string, Promise<ProgramPin>>()

function pinOf({ root, plain }: Project, program: string): Promise<ProgramPin> {
  const known = pins.get(program) ?? plain.find(program, root)
  pins.set(program, known)
  return known
}

export async function request(project: Project, program: string, asked: Asked = {}): Promise<CommandRun> {
  const { root } = project
  return {
    pin: asked.pin ?? (await pinOf(project, program)),
    args: [],
    folder: root,
    tree: { root, gitFolders: [], hidden: [] },
    paths: [],
    environment: new Map(),
    demand: [],
    network: 'none',
    reads: [],
    writes: 'workTree',
    stop: new AbortController().signal,
    ...asked,
    limits: { deadlineMs: 20_000, outputBytes: 1 << 20, memoryBytes: 2 ** 31, ...asked.limits },
  }
}

/** Code for node, run as a command; grammars are not asked here. */
export async function runCode(
  project: Project,
  code: string,
  { on = 'plain', ...asked }: AskedOn = {},
): Promise<CommandReport> {
  return project[on].run(await request(project, 'node', { args: ['-e', code], ...asked }))
}

export const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** The outcome in a word, with the status of an exit. */
export function wordOf({ outcome }: CommandReport): string {
  return outcome.kind === 'exit' ? `exit ${outcome.status}` : outcome.kind
}
