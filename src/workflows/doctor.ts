/**
 * `doctor`: what is wrong here, and what to type. Checks are data; after one that failed come only
 * those that do not stand on it. `fix` mends what loses nothing: locks of
 * processes that are gone, loose objects, the schema for editors; and it asks the authority, by a probe, what it allows.
 */
import { type BranchName, IfBoardError, type ObjectId, printable } from '../model/index.ts'
import type { AuthorityBinding, CloneFacts, CloneSetup, HubHealth } from '../ports/index.ts'
import { readCommit } from './branch-tree.ts'
import type { Check } from './check.ts'
import { checkLog, type LogTools } from './doctor-log.ts'
import { checkRegistry } from './doctor-operators.ts'
import { refreshSchema } from './doctor-schema.ts'
import { contains, lastFold } from './fold-memory.ts'
import { chooseAuthority } from './init-authority.ts'
import { type BranchFacts, CONFIG_SCHEMA_FILE, readBranch } from './read-branch.ts'
import type { RegistryTools } from './registry.ts'
import type { Toolbox } from './toolbox.ts'

export interface DoctorTools {
  readonly clone: CloneSetup
  readonly health: HubHealth
  /** The ports on this clone's hub; asked for only when it belongs to a board. */
  readonly openToolbox: () => Promise<{
    readonly box: Toolbox
    readonly registry: RegistryTools
    readonly log: LogTools
    close(): Promise<void>
  }>
}

export interface DoctorRequest {
  readonly mode: 'look' | 'fix'
}

export interface DoctorReport {
  readonly checks: readonly Check[]
  /** What `fix` mended, in words. */
  readonly mended: readonly string[]
}

const MANY_LOOSE_OBJECTS = 5_000
/** Clocks of two machines differ a little; leases compare none of them. */
const CLOCK_PATIENCE_MS = 10 * 60_000

/** Never throws for what is wrong: that is a check. */
export async function doctor(tools: DoctorTools, { mode }: DoctorRequest): Promise<DoctorReport> {
  const checks: Check[] = []
  const mended: string[] = []
  const facts = await attempt(checks, checkOfFacts, () => tools.clone.facts())
  if (facts === undefined) return { checks, mended }
  checks.push(passed('git', `git ${facts.git.major}.${facts.git.minor}`))
  checks.push(passed('repository', `\`${printable(facts.workTree ?? facts.project)}\``))
  const binding = checkHub(checks, facts)
  if (binding === undefined) return { checks, mended }
  const chosen = await attempt(checks, 'authority', async () => chooseAuthority(facts, { kind: 'default' }))
  if (mode === 'fix') await mend(tools.health, mended)
  await checkHealth(checks, tools.health)
  if (chosen === undefined) return { checks, mended }
  if (mode === 'fix') await attempt(checks, 'probe', () => checkProbe(checks, tools.clone, binding))
  const fixed = mode === 'fix' ? mended : undefined
  await attempt(checks, 'board', () => checkBoard(checks, tools, { binding, mended: fixed }))
  return { checks, mended }
}

/** Facts are asked for at once; which of them is missing follows from the error. */
function checkOfFacts(error: IfBoardError): Check {
  if (error.code === 'repo/not-found') return failed('repository', error.message, error.hint)
  if (error.code === 'config/invalid') return failed('hub', error.message, 'Put `if-board.json` there back from a copy')
  return failed('git', error.message, error.hint)
}

function checkHub(checks: Check[], { binding, hub }: CloneFacts): AuthorityBinding | undefined {
  if (binding?.boardId === undefined) {
    checks.push(failed('hub', 'this clone belongs to no board yet', 'if-board init'))
    return undefined
  }
  const at = binding.remote === undefined ? 'in this clone alone' : `at the remote \`${binding.remote.name}\``
  checks.push(passed('hub', `board ${binding.boardId.slice(0, 8)}, ${at}; \`${printable(hub)}\``))
  return binding
}

async function mend(health: HubHealth, mended: string[]): Promise<void> {
  for (const path of await health.removeOldLocks()) mended.push(`removed the lock \`${printable(path)}\``)
  if ((await health.looseObjects()) > MANY_LOOSE_OBJECTS && (await health.pack())) mended.push('packed the hub')
}

async function checkHealth(checks: Check[], health: HubHealth): Promise<void> {
  const locks = await health.oldLocks()
  checks.push(
    locks.length === 0
      ? passed('locks', 'no lock was left behind')
      : failed('locks', `left by processes that are gone: ${listed(locks)}`, 'if-board doctor --fix'),
  )
  const loose = await health.looseObjects()
  checks.push(
    loose <= MANY_LOOSE_OBJECTS
      ? passed('objects', `${loose} loose objects`)
      : failed('objects', `${loose} loose objects slow reading down`, 'if-board doctor --fix'),
  )
  const keys = await health.openKeys()
  checks.push(
    keys.length === 0
      ? passed('keys', 'session keys are readable by their owner alone')
      : failed('keys', `others can read ${listed(keys)}`, `chmod 600 ${printable(keys[0] ?? '')}`),
  )
}

async function checkProbe(checks: Check[], clone: CloneSetup, binding: AuthorityBinding): Promise<void> {
  const hub = await clone.openHub(binding)
  try {
    const { custom, heads, reason } = await hub.probe()
    const ok = binding.refs === 'custom' ? custom : heads
    const what = binding.refs === 'custom' ? 'refs below `refs/if-board/`' : 'branches below `if-board/`'
    checks.push(
      ok
        ? passed('probe', `the authority moves ${what} as one`)
        : failed('probe', `the authority does not move ${what}: ${reason ?? 'no reason given'}`, PROBE_HINT),
    )
  } finally {
    await hub.close()
  }
}

const PROBE_HINT = 'Ask whoever runs the server to allow atomic pushes and these refs for you'

interface BoardCheck {
  readonly binding: AuthorityBinding
  /** What was mended, where anything may be. */
  readonly mended: string[] | undefined
}

async function checkBoard(checks: Check[], tools: DoctorTools, { binding, mended }: BoardCheck): Promise<void> {
  const { box, registry, log, close } = await tools.openToolbox()
  try {
    const refs = await attempt(checks, 'authority', () => box.refs.list())
    if (refs === undefined) return
    checks.push(passed('authority', `it answers, with ${refs.size} refs`))
    const head = refs.get(box.layout.board)
    if (head === undefined) {
      checks.push(
        failed('branch', `the authority has no branch \`${box.layout.branch}\``, branchHint(box.layout.branch)),
      )
      return
    }
    await checkClock(checks, box, head)
    await checkFold(checks, box, head)
    const branch = await attempt(checks, 'config', () => readBranch(box, head))
    if (branch === undefined) return
    checkBranch(checks, branch, binding)
    if (mended !== undefined && (await attempt(checks, 'schema', () => refreshSchema(box))) === 'changed')
      mended.push(`brought \`${CONFIG_SCHEMA_FILE}\` up to date`)
    await attempt(checks, 'registry', async () => checks.push(...(await checkRegistry(box, branch.tree, registry))))
    await attempt(checks, 'log', async () => checks.push(await checkLog(box, log)))
  } finally {
    await close()
  }
}

const branchHint = (branch: BranchName) =>
  `Bring it back from a checkout or a clone that has it: git push REMOTE ${branch}`

async function checkClock(checks: Check[], box: Toolbox, head: ObjectId): Promise<void> {
  const aheadMs = (await readCommit(box.objects, head)).author.seconds * 1000 - box.clock.now().wallMs
  checks.push(
    aheadMs < CLOCK_PATIENCE_MS
      ? passed('clock', 'not behind the newest commit of the board')
      : failed(
          'clock',
          `the newest commit of the board is ${Math.round(aheadMs / 60_000)} minutes ahead of this machine`,
          'Set the clock of this machine, or of the one that wrote it; claims stay safe meanwhile',
        ),
  )
}

async function checkFold(checks: Check[], box: Toolbox, head: ObjectId): Promise<void> {
  const fold = await lastFold(box)
  const rewound = fold !== undefined && !(await contains(box, head, fold))
  checks.push(
    rewound
      ? failed(
          'fold',
          `the branch does not contain the last fold ${fold.slice(0, 12)}: it was rewound`,
          'To bring back what was recorded: if-board sync --restore; to go on as it is: if-board sync --accept',
        )
      : passed('fold', fold === undefined ? 'no fold was seen yet' : `the branch contains the last fold`),
  )
}

function checkBranch(checks: Check[], { config, boards, missing }: BranchFacts, binding: AuthorityBinding): void {
  checks.push(passed('config', `${boards.length} boards by ${config.boards.length} patterns`))
  const same = config.boardId === binding.boardId
  checks.push(
    same
      ? passed('board-id', config.boardId.slice(0, 8))
      : failed(
          'board-id',
          `the branch is of the board ${config.boardId.slice(0, 8)}, this clone belongs to ${binding.boardId?.slice(0, 8)}`,
          'if-board init --remote NAME, with the remote that holds this clone’s board',
        ),
  )
  const tasks = boards.reduce((sum, { board }) => sum + board.tasks.length, 0)
  const errors = boards.flatMap(({ diagnostics }) => diagnostics.filter(({ severity }) => severity === 'error'))
  if (missing.length > 0)
    checks.push(
      failed(
        'boards',
        `the branch lacks ${listed(missing)}`,
        'Restore it, or correct `boards` in the config: if-board checkout',
      ),
    )
  else if (errors.length > 0)
    checks.push(
      failed('boards', `${errors.length} errors, first: ${printable(errors[0]?.message ?? '')}`, 'if-board lint'),
    )
  else checks.push(passed('boards', `${tasks} tasks`))
}

/** Run a step; what it throws for a person becomes a failed check of that name. */
async function attempt<T>(
  checks: Check[],
  name: string | ((error: IfBoardError) => Check),
  step: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await step()
  } catch (error) {
    if (!(error instanceof IfBoardError)) throw error
    checks.push(typeof name === 'string' ? failed(name, error.message, error.hint) : name(error))
    return undefined
  }
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `\`${printable(name)}\``)
  return `${shown.join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`
}

function passed(name: string, message: string): Check {
  return { name, ok: true, message, hint: undefined }
}

function failed(name: string, message: string, hint: string | undefined): Check {
  return { name, ok: false, message, hint }
}
