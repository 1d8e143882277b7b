/**
 * A project with a board, as a person sets it up: `if-board init --agents`, what it wrote committed, `if-board` and
 * git on PATH. And a rival, who takes a task at a set point.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fakeTool } from '../cli/hooks/fake-tool.ts'
import { makeWorld, type World } from '../cli/world.ts'
import type { ToolName } from './installed.ts'

/** Of `witness log --json`, as far as these tests look at it. */
export interface LoggedEvent {
  readonly type: string
  /** Id of its task. */
  readonly task: string | undefined
  readonly session: string
  /** `hook` where a hook of a coding tool asked for it. */
  readonly trigger: string | undefined
}

export interface Project {
  readonly world: World
  readonly folder: string
  /** What a tool is started with. */
  readonly environment: Readonly<Record<string, string>>
  /** A home of its own for one run. */
  home(name: string): Promise<string>
  /** `if-board` in the project; throws when it fails. */
  ifBoard(...args: string[]): Promise<string>
  /** The board as it is on its branch. */
  board(): Promise<string>
  /** Every event of the log, in order, after a fold. */
  log(): Promise<readonly LoggedEvent[]>
  /** From now on the next claim of anybody is beaten by `rival`, between its look at the board and its claim. */
  armRival(): Promise<void>
  /** Which task the rival took; `undefined` while it waits. */
  rivalTask(): Promise<string | undefined>
  /** The last session of a tool that asked anything here stops once more, as its hook would say it. */
  stopAgain(tool: ToolName): Promise<void>
  remove(): Promise<void>
}

/** People's edits and folds have no event. */
interface Entry {
  readonly type: string
  readonly event?: {
    readonly session: string
    readonly data: { readonly task?: { readonly id: string }; readonly trigger?: string }
  }
}

export interface Row {
  readonly id: string
  readonly title: string
  readonly needs?: string
}

const HUB = '--git-dir=.git/if-board/hub.git'

export async function makeProject(rows: readonly Row[], tools: readonly ToolName[]): Promise<Project> {
  const world = await makeWorld()
  const folder = await world.clone('shop')
  await writeFile(join(folder, 'TASKS.md'), boardOf(rows))
  const bin = await programsOf(world, folder)
  const path = `${bin}${delimiter}${process.env.PATH}`
  const ifBoard = async (...args: string[]) => {
    const { status, stdout, stderr } = await world.run(folder, args, { PATH: path })
    if (status !== 0) throw new Error(`if-board ${args.join(' ')}: status ${status}, ${stdout}${stderr}`)
    return stdout
  }
  await ifBoard('init', '--local', '--from', 'TASKS.md', '--agents', tools.join(','))
  await world.git(folder, 'add', '--all')
  await world.git(folder, 'commit', '--quiet', '--message=Hooks of coding tools')
  const armed = join(bin, 'armed')
  const taken = join(bin, 'taken')
  return {
    world,
    folder,
    environment: {
      PATH: path,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Ann',
      GIT_AUTHOR_EMAIL: 'ann@example.invalid',
      GIT_COMMITTER_NAME: 'Ann',
      GIT_COMMITTER_EMAIL: 'ann@example.invalid',
      // Seconds. A hook that outlives its tool, because a test was killed, ends by itself.
      IF_BOARD_HOOK_WAIT: '120',
      TERM: 'dumb',
      NO_COLOR: '1',
    },
    async home(name) {
      const home = join(world.root, `home-${name}`)
      await mkdir(home)
      // A login shell, which Codex runs its commands in, sets PATH anew.
      await writeFile(join(home, '.profile'), `export PATH='${path}'\n`)
      return home
    },
    ifBoard,
    board: () => world.git(folder, HUB, 'show', 'refs/heads/if-board/main:TASKS.md'),
    async log() {
      await ifBoard('sync')
      const { entries } = JSON.parse(await ifBoard('witness', 'log', '--json'))
      return (entries as readonly Entry[]).flatMap(({ type, event }) =>
        event === undefined
          ? []
          : [{ type, session: event.session, task: event.data.task?.id, trigger: event.data.trigger }],
      )
    },
    armRival: () => writeFile(armed, ''),
    rivalTask: async () => (existsSync(taken) ? readFile(taken, 'utf8') : undefined),
    async stopAgain(tool) {
      const session = await readFile(join(bin, 'session'), 'utf8')
      const { status, stderr, text } = await fakeTool(world, tool, folder, session).fire('stop')
      if (status !== 0 || text !== undefined) throw new Error(`it did not stop: status ${status}, ${text}${stderr}`)
    },
    remove: () => world.remove(),
  }
}

function boardOf(rows: readonly Row[]): string {
  const lines = rows.map(({ id, title, needs }) => `| ${id} | ${title} | AVAILABLE | ${needs ?? 'None'} |`)
  return ['# Tasks', '', '| ID | Task | Status | Dependencies |', '|----|----|----|----|', ...lines, ''].join('\n')
}

/** A folder for PATH: the bin under test, which notes for whom it runs, and a git that lets the rival in while the file `armed` is there. */
async function programsOf({ root, program, git }: World, folder: string): Promise<string> {
  const bin = join(root, 'on-path')
  await mkdir(bin)
  const realGit = join(await git(folder, '--exec-path'), 'git')
  const script = (name: string, text: string) => writeFile(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  // Each tool says by a variable of its own who asks: to its commands, Gemini CLI to its hooks.
  await script(
    'if-board',
    `id="$CLAUDE_CODE_SESSION_ID$CODEX_THREAD_ID$GEMINI_SESSION_ID"
[ -n "$id" ] && printf %s "$id" > '${bin}/session'
exec '${process.execPath}' '${program}' "$@"`,
  )
  await script(
    'git',
    `[ -e '${bin}/armed' ] && exec '${process.execPath}' '${bin}/rival.mjs' "$@"\nexec '${realGit}' "$@"`,
  )
  await writeFile(join(bin, 'rival.mjs'), rivalIn({ bin, folder, realGit, program }))
  return bin
}

/**
 * Stands between a session and `git update-ref --stdin`: when the transaction makes a claim ref, the rival claims that
 * very task first, by a command of its own. Then git does what it was asked to.
 */
function rivalIn(place: {
  readonly bin: string
  readonly folder: string
  readonly realGit: string
  readonly program: string
}): string {
  return `import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
const { bin, folder, realGit, program } = ${JSON.stringify(place)}
const args = process.argv.slice(2)
const isMove = args.includes('update-ref') && args.includes('--stdin')
const input = isMove ? readFileSync(0) : undefined
const id = /^update refs\\/if-board\\/c\\/([a-z0-9]+)-\\S+ \\S+ 0+$/m.exec(input?.toString() ?? '')?.[1]?.toUpperCase()
if (id !== undefined) {
  rmSync(bin + '/armed', { force: true })
  const env = { PATH: process.env.PATH, HOME: bin, GIT_CONFIG_NOSYSTEM: '1' }
  const claimed = spawnSync(process.execPath, [program, 'claim', id, '--session', 'rival'], { cwd: folder, env })
  writeFileSync(bin + '/taken', claimed.status === 0 ? id : 'failed: ' + claimed.stderr)
}
const stdio = [isMove ? 'pipe' : 'inherit', 'inherit', 'inherit']
process.exitCode = spawnSync(realGit, args, { input, stdio }).status ?? 1
`
}
