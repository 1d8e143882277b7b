/**
 * The main job on a temporary repository: a bare remote, a board of the usual shape, sessions as
 * separate processes in separate clones, until the board is finished. Everything is real but the work.
 */
import { spawn } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { isPassed, type Run } from '../../model/index.ts'
import { openDisplay } from './display.ts'
import { RUNNER, useScripts, writeScripts } from './jobs.ts'
import { git, ifBoard, ifBoardJson } from './process.ts'
import type { DemoSummary } from './summary.ts'
import type { WorkerEvent } from './worker.ts'

export interface DemoOptions {
  readonly sessions: number
  /** Board to use; a sample board where none is named. */
  readonly board: string
  /** The sample has a task that is checked, and a filler that needs no session. */
  readonly isSample: boolean
  /** Length of one task's work in milliseconds, from and to. */
  readonly workMs: readonly [number, number]
  readonly color: boolean
  readonly out: NodeJS.WriteStream
}

export async function runDemo(options: DemoOptions): Promise<DemoSummary> {
  const folder = await mkdtemp(join(tmpdir(), 'if-board-demo-'))
  const say = (text: string) => options.out.write(`${text}\n`)
  say(`A repository with a bare remote and ${options.sessions} clones, in ${folder}`)
  const names = Array.from({ length: options.sessions }, (_, index) => `session-${index + 1}`)
  const traces = join(folder, 'traces')
  await mkdir(traces)
  const main = await prepare(folder, options)
  say('$ if-board init --from TASK-BOARD.md')
  const init = await ifBoard(main, ['init', '--from', 'TASK-BOARD.md'])
  if (init.status !== 0) throw new Error(`init failed: ${init.stderr.trim()}`)
  say(indent(init.stdout))
  if (options.isSample) await useScripts(main, say)
  for (const name of names) {
    await git(folder, 'clone', '--quiet', 'remote.git', name)
    await git(join(folder, name), 'config', 'user.name', name)
    await git(join(folder, name), 'config', 'user.email', `${name}@if-board.invalid`)
    await git(join(folder, name), 'switch', '--quiet', '--create', `work/${name}`)
    const joined = await ifBoard(join(folder, name), ['join', name])
    if (joined.status !== 0) throw new Error(`join ${name} failed: ${joined.stderr.trim()}`)
  }
  const { tasks } = await ifBoardJson<{ tasks: { status: string }[] }>(main, ['list'])
  const open = tasks.filter(({ status }) => status !== 'done')
  say(`$ if-board next … done, in ${names.length} processes\n`)
  const display = openDisplay({ out: options.out, sessions: names, tasks: open.length, color: options.color })
  const started = Date.now()
  await Promise.all(
    names.map((name) => session(name, join(folder, name), traces, options, (event) => display.show(event))),
  )
  const seconds = (Date.now() - started) / 1000
  display.end()
  await ifBoard(main, ['sync'])
  const sessions = options.isSample ? [...names, RUNNER] : names
  return summarise({ folder, main, traces, seconds, sessions })
}

async function prepare(folder: string, { board, isSample }: DemoOptions): Promise<string> {
  const main = join(folder, 'main')
  await git(folder, 'init', '--quiet', '--bare', 'remote.git')
  await git(folder, 'init', '--quiet', 'main')
  await copyFile(board, join(main, 'TASK-BOARD.md'))
  await writeFile(join(main, 'README.md'), '# A small shop\n')
  if (isSample) await writeScripts(main)
  await git(main, 'add', '.')
  await git(main, 'commit', '--quiet', '-m', 'Begin')
  await git(main, 'branch', '-M', 'main')
  await git(main, 'remote', 'add', 'origin', join(folder, 'remote.git'))
  await git(main, 'push', '--quiet', '-u', 'origin', 'main')
  await git(join(folder, 'remote.git'), 'symbolic-ref', 'HEAD', 'refs/heads/main')
  return main
}

function session(
  name: string,
  clone: string,
  traces: string,
  { workMs }: DemoOptions,
  show: (event: WorkerEvent) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const args = [process.argv[1] as string, 'demo', '--as', name, '--clone', clone, '--work', String(workMs[1])]
    const child = spawn(process.execPath, [...process.execArgv, ...args], {
      cwd: clone,
      // One file per git process (git's trace2): how many pushes there were is counted, not believed.
      env: { ...process.env, GIT_TRACE2_EVENT: traces },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    createInterface({ input: child.stdout }).on('line', (line) => show(JSON.parse(line) as WorkerEvent))
    child.on('error', reject)
    child.on('close', (status) => (status === 0 ? resolve() : reject(new Error(`${name} ended with status ${status}`))))
  })
}

interface SummaryRequest {
  readonly folder: string
  readonly main: string
  readonly traces: string
  readonly seconds: number
  readonly sessions: readonly string[]
}

/** Figures from the shared repository alone: the sealed events and the board, not what sessions said of themselves. */
async function summarise({ folder, main, traces, seconds, sessions }: SummaryRequest): Promise<DemoSummary> {
  const remote = join(folder, 'remote.git')
  const { tasks } = await ifBoardJson<{ tasks: { id: string; status: string }[] }>(main, ['list'])
  const log = await git(remote, 'log', '--notes=if-witness', '--format=%N', 'refs/heads/if-board/main')
  const events = log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { type: string; session: string; subject: string; data: { ran?: Run } })
  const completions = events.filter(({ type }) => type === 'if-board.complete')
  const owners = new Map(sessions.map((name) => [name, completions.filter(({ session: by }) => by === name).length]))
  return {
    folder,
    remote,
    seconds,
    owners,
    tasks: tasks.length,
    done: tasks.filter(({ status }) => status === 'done').length,
    completions: completions.length,
    duplicates: completions.length - new Set(completions.map(({ subject }) => subject)).size,
    racesLost: events.filter(({ type }) => type === 'if-board.lost').length,
    ...ranIn(events.flatMap(({ data }) => data.ran ?? [])),
    claims: events.filter(({ type }) => type === 'if-board.claim').length,
    pushes: await countPushes(traces),
  }
}

function ranIn(runs: readonly Run[]): Pick<DemoSummary, 'checks' | 'bodies'> {
  const checks = runs.filter(({ purpose }) => purpose === 'done')
  const passed = checks.filter(isPassed).length
  const bodies = runs.filter((run) => run.purpose === 'run' && isPassed(run)).length
  return { checks: { passed, refused: checks.length - passed }, bodies }
}

async function countPushes(traces: string): Promise<number> {
  let pushes = 0
  for (const file of await readdir(traces)) {
    const text = await readFile(join(traces, file), 'utf8')
    if (/"event":"cmd_name"[^\n]*"name":"push"/.test(text)) pushes += 1
  }
  return pushes
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}
