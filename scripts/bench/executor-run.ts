/** Measures the executor: `executor-run <request as JSON>`; prints one object of JSON. */
import { spawn } from 'node:child_process'
import { systemExecutor } from '../../src/adapters/executor/index.ts'
import { decideCommand, openGrants } from '../../src/executor/index.ts'
import { READY_MADE } from '../../src/executor/ready-made.ts'
import { COMMAND_DEFAULTS } from '../../src/model/index.ts'
import type { CommandRun, Executor } from '../../src/ports/index.ts'

interface Request {
  readonly project: string
  readonly rounds: number
  readonly decisions: number
}

const { project, rounds, decisions }: Request = JSON.parse(process.argv[2] ?? '{}')
const searchPath = process.env.PATH ?? ''
const plain = systemExecutor({ searchPath, bwrap: 'off' })
const walled = systemExecutor({ searchPath })
const hasBwrap = (await walled.layers()).includes('bwrap')
const run: CommandRun = {
  pin: await plain.find('true', project),
  args: [],
  folder: project,
  tree: { root: project, gitFolders: [], hidden: [] },
  paths: [],
  environment: new Map(),
  demand: [],
  network: 'none',
  reads: [],
  writes: 'workTree',
  limits: { deadlineMs: 60_000, outputBytes: 1 << 20, memoryBytes: 2 ** 32 },
  stop: new AbortController().signal,
}

const times: { direct: number[]; plain: number[]; walled: number[] } = { direct: [], plain: [], walled: [] }
for (let round = 0; round < rounds; round += 1) {
  times.direct.push(await timed(direct))
  times.plain.push(await timed(() => completed(plain)))
  if (hasBwrap) times.walled.push(await timed(() => completed(walled)))
}
const words = 'cargo test --workspace --no-fail-fast -p core parser::tests -- --nocapture --test-threads=1'.split(' ')
console.log(
  JSON.stringify({ ...times, allowed: decided(words, 'allowed'), denied: decided([...words, '--config=x'], 'denied') }),
)

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

function direct(): Promise<void> {
  return new Promise((resolve) => {
    spawn(run.pin.path, { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] }).on('close', () => resolve())
  })
}

async function completed(executor: Executor): Promise<void> {
  const { outcome } = await executor.run(run)
  if (outcome.kind !== 'completed') throw new Error(JSON.stringify(outcome))
}

/** Decisions a second, of all grammars that there are. */
function decided(argv: readonly string[], expected: 'allowed' | 'denied'): number {
  const grants = openGrants([...READY_MADE.keys()].map((grammar) => ({ name: grammar, grammar, ...COMMAND_DEFAULTS })))
  const startedAt = performance.now()
  for (let at = 0; at < decisions; at += 1)
    if (decideCommand(grants, argv).kind !== expected) throw new Error(`expected ${expected}`)
  return (decisions * 1_000) / (performance.now() - startedAt)
}
