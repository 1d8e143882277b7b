/**
 * `init`: the coordination branch at the authority, and this clone bound to it.
 *
 * Safe twice and on two machines at once, by one order of steps: ask the authority; where it has
 * the branch, join it; else push a new root that must not exist yet; who comes second is told so,
 * asks again and joins. The clone is bound last, when it is known which board it belongs to, so a
 * run that ends half way leaves a hub that belongs to nothing and is taken up by the next run.
 */
import {
  BOARD_BRANCH,
  type BranchName,
  branchRef,
  type Config,
  IfBoardError,
  invariant,
  type ObjectId,
  printable,
  type Sha256,
  type SshCrypto,
} from '../model/index.ts'
import type {
  AuthorityBinding,
  Chance,
  Clock,
  CloneFacts,
  CloneSetup,
  OperatorPins,
  SetupHub,
  WorkFiles,
} from '../ports/index.ts'
import { type AuthorityWish, type ChosenAuthority, chooseAuthority } from './init-authority.ts'
import {
  addSources,
  type BranchTools,
  firstCommit,
  holdsBoards,
  type PreparedBranch,
  readBranchConfig,
} from './init-branch.ts'
import { operatorsFrom, pinOperators } from './init-operators.ts'
import { type InitReport, type PlacedBoard, reportOf } from './init-report.ts'
import { present, readSources, type Source } from './init-sources.ts'
import type { Masking } from './toolbox.ts'

export type { AuthorityWish } from './init-authority.ts'
export type { InitReport } from './init-report.ts'

export interface InitTools extends Masking {
  readonly clone: CloneSetup
  readonly files: WorkFiles
  readonly clock: Clock
  readonly chance: Chance
  readonly sha256: Sha256
  /** Of the clone whose hub lies there. */
  readonly pinsBeside: (hub: string) => OperatorPins
  readonly crypto: SshCrypto
}

export interface InitRequest {
  /** Files to copy to the branch, as typed; none: a board without an open task. */
  readonly from: readonly string[]
  /** `move`: they leave the work tree and the index afterwards; nothing is committed. */
  readonly originals: 'keep' | 'move'
  readonly authority: AuthorityWish
  /** The coordination branch by its name; absent: the clone's own, else `if-board/main`. */
  readonly branch?: BranchName | undefined
  /** Files with public keys, and keys as lines: whose grants this clone believes from now on. */
  readonly operators?: readonly string[] | undefined
  /** `dry-run`: nothing is written, here or at the authority. */
  readonly mode: 'apply' | 'dry-run'
}

const MAX_TRIES = 8

/**
 * @throws IfBoardError `repo/not-found`, `repo/git-too-old`, `authority/choose`, `authority/changed`,
 *   `authority/branch-conflict`, `board/exists` (a branch of that name, or a board on another one), `authority/unsupported`, `authority/refused`,
 *   `authority/unreachable`, `authority/busy`, `usage/invalid`, `file/unreadable`, `board/not-text`, `operator/pins-unreadable`
 */
export async function init(tools: InitTools, request: InitRequest): Promise<InitReport> {
  const facts = await tools.clone.facts()
  const sources = await readSources(tools.files, request.from, request.originals)
  const operators = await operatorsFrom(tools.files, request.operators ?? [])
  const pin = () => pinOperators({ ...tools, pins: tools.pinsBeside(facts.hub) }, operators, request.mode)
  const chosen = chooseAuthority(facts, request.authority, request.branch)
  const candidates = request.from.length === 0 ? await tools.files.candidates() : []
  const seen = await askFirst(tools.clone, chosen)
  if (request.mode === 'dry-run') return plan({ facts, chosen, candidates, sources, seen, operators: await pin() })
  const hub = await tools.clone.openHub(chosen.binding)
  try {
    const branch = { ...tools, objects: hub.objects }
    const begun = await begin({ branch, hub, chosen, sources })
    const binding = bindingFor(chosen, begun.config)
    if (chosen.kind !== 'same') {
      if (begun.kind === 'joined') assertUsable(await hub.probe(), binding)
      await hub.bind(binding)
    }
    const placed = begun.kind === 'made' ? madeWith(sources, begun.head) : await addTo({ branch, hub, chosen, sources })
    const boards = request.originals === 'move' ? await removeOriginals(tools.files, placed.boards) : placed.boards
    return reportOf({
      facts,
      mode: 'apply',
      kind: kindOf(chosen, begun.kind),
      binding,
      remote: chosen.remote,
      head: placed.head ?? begun.head,
      made: [...begun.made, ...placed.made],
      boards: boards.map(({ board }) => board),
      candidates,
      operators: await pin(),
    })
  } finally {
    await hub.close()
  }
}

/** What stands in the way, told before anything is made. Only a remote can be asked without a hub. */
async function askFirst(clone: CloneSetup, chosen: ChosenAuthority): Promise<'branch' | 'nothing'> {
  const { kind, binding, remote } = chosen
  const branch = branchOf(chosen)
  if (branch !== BOARD_BRANCH && (await clone.ownBranch(branch)) === 'other') throw notForBoards('this clone', branch)
  if (remote === undefined) return binding.boardId === undefined ? 'nothing' : 'branch'
  const { board, inTheWay, boardElsewhere } = await clone.remoteBranches(remote.name, branch)
  if (inTheWay !== undefined)
    throw new IfBoardError(
      'authority/branch-conflict',
      `the remote \`${remote.name}\` has a branch \`${printable(inTheWay, 100)}\`, so git cannot keep \`${branch}\` beside it`,
      { hint: 'Give that branch another name, or choose another remote: if-board init --remote NAME' },
    )
  if (kind === 'fresh' && boardElsewhere && board === undefined)
    throw new IfBoardError(
      'board/exists',
      `the remote \`${remote.name}\` has a board already, on its branch \`${BOARD_BRANCH}\``,
      { hint: 'Take part in it: if-board init' },
    )
  return board === undefined ? 'nothing' : 'branch'
}

function branchOf({ binding }: Pick<ChosenAuthority, 'binding'>): BranchName {
  return binding.branch ?? BOARD_BRANCH
}

/** A branch that people work on is never written over, and never taken for a board. */
function notForBoards(where: string, branch: BranchName): IfBoardError {
  return new IfBoardError('board/exists', `${where} has a branch \`${branch}\` that holds no boards`, {
    hint: 'Choose a name that is free, such as `coordination`: if-board init --branch NAME',
  })
}

interface Job {
  readonly branch: BranchTools
  readonly hub: SetupHub
  readonly chosen: ChosenAuthority
  readonly sources: readonly Source[]
}

interface Begun {
  readonly kind: 'made' | 'joined'
  readonly head: ObjectId
  readonly config: Pick<Config, 'boardId' | 'refs'>
  readonly made: readonly string[]
}

async function begin(job: Job): Promise<Begun> {
  const { hub, branch } = job
  let reason = 'others were faster'
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const head = await hub.boardHead()
    if (head !== undefined) return join(job, head)
    assertMayBegin(job.chosen)
    job.sources.forEach(present)
    const config = { boardId: branch.chance.hex(16), refs: await layoutOf(hub) }
    const authority = job.chosen.binding.authority
    const root = await firstCommit(branch, job.sources, { ...config, authority })
    const outcome = await push(job, root, undefined)
    if (outcome.kind === 'moved') return { kind: 'made', head: root.commit, config, made: root.made }
    if (outcome.kind === 'busy') reason = outcome.reason
    await pause(branch, tries)
  }
  throw new IfBoardError('authority/busy', `the coordination branch could not be made: ${reason}`, {
    hint: 'Try again in a moment',
  })
}

/** The branch is there. A clone that belongs to a board joins no other. */
async function join({ branch, chosen }: Job, head: ObjectId): Promise<Begun> {
  const { boardId, remote } = chosen.binding
  if (chosen.kind === 'fresh' && !(await holdsBoards(branch.objects, head)))
    throw notForBoards(remote === undefined ? 'the hub' : `the remote \`${remote.name}\``, branchOf(chosen))
  const config = await readBranchConfig(branch.objects, head)
  if (boardId === undefined || boardId === config.boardId) return { kind: 'joined', head, config, made: [] }
  const where = remote === undefined ? 'the hub' : `the remote \`${remote.name}\``
  throw new IfBoardError(
    'authority/changed',
    `${where} holds the board ${config.boardId.slice(0, 8)}, this clone belongs to ${boardId.slice(0, 8)}`,
    {
      hint: 'Name the remote that holds this clone’s board: if-board init --remote NAME',
    },
  )
}

/** A clone that belongs to a board never begins a second one. */
function assertMayBegin(chosen: ChosenAuthority): void {
  const { kind, binding, remote } = chosen
  if (kind === 'fresh') return
  const where = remote === undefined ? 'the hub of this clone' : `the remote \`${remote.name}\``
  throw new IfBoardError(
    'authority/changed',
    `${where} has no branch \`${branchOf(chosen)}\`; this clone belongs to the board ${binding.boardId?.slice(0, 8)}`,
    {
      hint:
        kind === 'moved'
          ? 'Push the branch there first, from a checkout of the board: if-board checkout'
          : 'Bring the branch back from a clone that has it, then: if-board doctor',
    },
  )
}

async function layoutOf(hub: SetupHub): Promise<'custom' | 'heads'> {
  const probe = await hub.probe()
  const refs = probe.custom ? 'custom' : 'heads'
  assertUsable(probe, { refs })
  return refs
}

function assertUsable(
  { custom, heads, atomic, reason }: Awaited<ReturnType<SetupHub['probe']>>,
  { refs }: Pick<AuthorityBinding, 'refs'>,
): void {
  if (refs === 'custom' ? custom : heads) return
  const said = reason === undefined ? '' : `: ${reason}`
  if (!atomic)
    throw new IfBoardError('authority/unsupported', `the remote takes no atomic pushes${said}`, {
      hint: 'On a server of your own set `receive.advertiseAtomic` to true, or choose another remote',
    })
  if (/denied|permission|authori[sz]|read.only|\b40[13]\b/i.test(said))
    throw new IfBoardError('authority/refused', `the remote lets you push none of the refs that claims need${said}`, {
      hint: 'Ask for the right to push branches `if-board/*`, or choose another remote: if-board init --remote NAME',
    })
  throw new IfBoardError(
    'authority/unsupported',
    `the remote does not let refs be created, moved and removed below \`refs/if-board/\` nor \`refs/heads/if-board/\`${said}`,
    { hint: 'On a server of your own set `receive.denyDeletes` to false, or allow it for branches `if-board/*`' },
  )
}

function bindingFor({ binding }: ChosenAuthority, { boardId, refs }: Begun['config']): AuthorityBinding {
  return { ...binding, boardId, refs }
}

function kindOf(chosen: ChosenAuthority, begun: Begun['kind']): InitReport['kind'] {
  if (begun === 'made') return 'made'
  return chosen.kind === 'fresh' ? 'joined' : chosen.kind === 'moved' ? 'rebound' : 'unchanged'
}

interface Placed {
  readonly source: Source
  readonly board: PlacedBoard
}

interface Placing {
  readonly boards: readonly Placed[]
  readonly head: ObjectId | undefined
  readonly made: readonly string[]
}

function madeWith(sources: readonly Source[], head: ObjectId): Placing {
  return { boards: sources.map((source) => ({ source, board: placed(source, 'added') })), head, made: [] }
}

async function addTo(job: Job): Promise<Placing> {
  const { branch, hub, sources } = job
  for (let tries = 0; tries < MAX_TRIES && sources.length > 0; tries += 1) {
    const head = await hub.boardHead()
    invariant(head !== undefined, 'the branch was there a moment ago')
    const { outcomes, addition } = await addSources(branch, head, sources)
    const boards = sources.map((source) => ({ source, board: placed(source, outcomes.get(source) ?? 'present') }))
    if (addition === undefined) return { boards, head: undefined, made: [] }
    const outcome = await push(job, addition, head)
    if (outcome.kind === 'moved') return { boards, head: addition.commit, made: addition.made }
    await pause(branch, tries)
  }
  if (sources.length === 0) return { boards: [], head: undefined, made: [] }
  throw new IfBoardError('authority/busy', 'the boards could not be added: the branch keeps changing', {
    hint: 'Try again in a moment',
  })
}

function placed({ path, board, content }: Source, kind: PlacedBoard['kind']): PlacedBoard {
  return { path, board, kind, tasks: content?.parsed.board.tasks.length, original: 'kept' }
}

/** Only a file whose very bytes are on the branch leaves the work tree. */
async function removeOriginals(files: WorkFiles, boards: readonly Placed[]): Promise<Placed[]> {
  const after: Placed[] = []
  for (const { source, board } of boards) {
    const bytes = board.kind === 'differs' ? undefined : source.content?.bytes
    const removed = bytes !== undefined && (await files.remove(source.path, bytes)) === 'removed'
    after.push({ source, board: removed ? { ...board, original: 'removed' } : board })
  }
  return after
}

async function push({ hub, chosen }: Job, { objects, commit }: PreparedBranch, expected: ObjectId | undefined) {
  const branch = branchOf(chosen)
  await hub.objects.write(objects)
  const outcome = await hub.refs.moveAll([{ ref: branchRef(branch), expected, next: commit }])
  if (outcome.kind !== 'refused') return outcome
  throw new IfBoardError('authority/refused', `the authority refuses the branch \`${branch}\`: ${outcome.reason}`, {
    hint: 'Ask for the right to push it, or choose another remote: if-board init --remote NAME',
  })
}

async function pause({ clock, chance }: BranchTools, tries: number): Promise<void> {
  await clock.sleep(chance.fraction() * Math.min(50 * 2 ** tries, 1500))
}

interface Plan {
  readonly facts: CloneFacts
  readonly chosen: ChosenAuthority
  readonly candidates: readonly string[]
  readonly sources: readonly Source[]
  readonly seen: 'branch' | 'nothing'
  readonly operators: InitReport['operators']
}

function plan({ facts, chosen, candidates, sources, seen, operators }: Plan): InitReport {
  if (seen === 'nothing') {
    assertMayBegin(chosen)
    sources.forEach(present)
  }
  return reportOf({
    facts,
    mode: 'dry-run',
    kind: kindOf(chosen, seen === 'nothing' ? 'made' : 'joined'),
    binding: chosen.binding,
    remote: chosen.remote,
    head: undefined,
    made: [],
    boards: sources.map((source) => placed(source, seen === 'nothing' ? 'added' : 'planned')),
    candidates,
    operators,
  })
}
