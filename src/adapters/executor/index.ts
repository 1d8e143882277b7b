/** The executor on this machine's own programs, behind the layers that it has (docs/executor.md). */
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutorLayer } from '../../model/index.ts'
import type { CommandOutcome, CommandReport, CommandRun, Executor } from '../../ports/index.ts'
import { findBwrap, findOnPath } from '../process/bwrap.ts'
import { canFindMarked } from '../process/marked.ts'
import { canWatchMemory } from '../process/memory-watch.ts'
import { succeeds } from '../process/succeeds.ts'
import { bwrapCommand, prlimitCommand } from './command-line.ts'
import { environmentOf, MARK } from './environment.ts'
import { placeProblem } from './inside.ts'
import { pinProblem, pinProgram } from './pin.ts'
import { runProcess } from './run-process.ts'

export interface ExecutorOptions {
  /** PATH of whoever asks: where programs are looked for that are to be pinned. */
  readonly searchPath: string
  /** `probe` uses a layer where it works. */
  readonly bwrap?: 'probe' | 'off'
}

export function systemExecutor({ searchPath, bwrap = 'probe' }: ExecutorOptions): Executor {
  let machine: Promise<Machine> | undefined
  const lookOnce = () => {
    machine ??= lookAround(bwrap)
    return machine
  }
  return {
    find: (program, workTree) => pinProgram(program, workTree, searchPath),
    layers: async () => (await lookOnce()).layers,
    run: async (run) => runOn(await lookOnce(), run),
  }
}

/** What there is here. */
interface Machine {
  readonly bwrap: string | undefined
  readonly prlimit: string | undefined
  readonly layers: readonly ExecutorLayer[]
}

async function lookAround(mode: 'probe' | 'off'): Promise<Machine> {
  const [bwrap, prlimit] = await Promise.all([mode === 'probe' ? workingBwrap() : undefined, workingPrlimit()])
  const layers: ExecutorLayer[] = ['process-group']
  if (canFindMarked && bwrap === undefined) layers.push('run-mark')
  if (canWatchMemory) layers.push('memory-watch')
  if (prlimit !== undefined) layers.push('prlimit')
  if (bwrap !== undefined) layers.push('bwrap')
  return { bwrap, prlimit, layers }
}

/** Whoever asks chooses a PATH, and so would choose what stands for a layer. */
const LAYERS_PATH = '/usr/bin:/bin:/usr/local/bin:/run/current-system/sw/bin'
/** A program that every system has and that does nothing. */
const NOTHING = '/bin/true'

async function workingBwrap(): Promise<string | undefined> {
  const bwrap = findBwrap(LAYERS_PATH)
  if (bwrap === undefined) return undefined
  const walls = {
    pin: { program: 'true', path: NOTHING, realPath: NOTHING, sha256: '' },
    folder: '/',
    tree: { root: tmpdir(), gitFolders: [], hidden: [] },
    network: 'none',
    reads: [],
    writes: 'nothing',
  } as const
  const [program, ...args] = bwrapCommand(bwrap, walls, tmpdir())
  // Told on standard output, which is there; the rest is the command as it will be.
  const tried = args.map((word, at) => (args[at - 1] === '--json-status-fd' ? '1' : word))
  return (await succeeds([program, ...tried, NOTHING])) ? bwrap : undefined
}

async function workingPrlimit(): Promise<string | undefined> {
  const prlimit = process.platform === 'linux' ? findOnPath('prlimit', LAYERS_PATH) : undefined
  if (prlimit === undefined) return undefined
  // A limit above what this process may have itself is refused.
  return (await succeeds([...prlimitCommand(prlimit, LONGEST_CPU_SECONDS), NOTHING])) ? prlimit : undefined
}

const LONGEST_SECONDS = 600

/** Twice what all processors can give within the deadline: it ends what a kill did not reach. */
function cpuSeconds(deadlineMs: number): number {
  return Math.ceil(deadlineMs / 1000) * 2 * availableParallelism()
}

const LONGEST_CPU_SECONDS = cpuSeconds(LONGEST_SECONDS * 1000)

async function runOn(machine: Machine, run: CommandRun): Promise<CommandReport> {
  const startedAt = performance.now()
  const { layers } = machine
  const without = (outcome: CommandOutcome): CommandReport => ({
    outcome,
    layers,
    ms: Math.round(performance.now() - startedAt),
    stdout: new Uint8Array(0),
    stderr: new Uint8Array(0),
  })
  const changed = await pinProblem(run.pin)
  if (changed !== undefined) return without({ kind: 'denied', rule: 'pin', reason: changed })
  const missing = run.demand.filter((layer) => !layers.includes(layer) && !isNeedless(layer, layers))
  if (missing.length > 0) return without({ kind: 'unavailable', layers: missing })
  const place = await placeProblem(run)
  if (place !== undefined) return without({ kind: 'denied', ...place })
  const end = await inOwnFolder((folder) => start(machine, run, folder))
  return { ...without(end.outcome), ...end }
}

/** Inside bwrap there is nothing left to be found by its mark. */
function isNeedless(layer: ExecutorLayer, layers: readonly ExecutorLayer[]): boolean {
  return layer === 'run-mark' && layers.includes('bwrap')
}

async function start({ bwrap, prlimit }: Machine, run: CommandRun, ownFolder: string) {
  const { pin, args, limits, stop } = run
  const tree = { ...run.tree, root: await realpath(run.tree.root) }
  const folder = await realpath(run.folder)
  const [home, temporary, mark] = [join(ownFolder, 'home'), join(ownFolder, 'tmp'), randomBytes(16).toString('hex')]
  await Promise.all([mkdir(home), mkdir(temporary)])
  const command = [
    ...(prlimit === undefined ? [] : prlimitCommand(prlimit, cpuSeconds(limits.deadlineMs))),
    ...(bwrap === undefined ? [] : bwrapCommand(bwrap, { ...run, tree, folder }, ownFolder)),
    pin.path,
    ...args,
  ] as unknown as [string, ...string[]]
  return runProcess({
    command,
    folder,
    environment: environmentOf(run, { home, temporary, mark }),
    limits,
    stop,
    mark: bwrap === undefined ? `${MARK}=${mark}` : undefined,
  })
}

async function inOwnFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'if-board-run-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}
