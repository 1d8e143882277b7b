/**
 * The registry of keys on the branch, and what this clone makes of it. Format and rules: `docs/grants.md`.
 */
import { IfBoardError, type ObjectId, printable, REGISTRY_FILE, type SshCrypto } from '../model/index.ts'
import type { OperatorPins } from '../ports/index.ts'
import {
  isRolledBack,
  keysAt,
  type Operator,
  parseOperators,
  parseRegistry,
  type Registry,
  type RegistryKeys,
  type RegistryMemory,
} from '../witness/keys.ts'
import { readCommit } from './branch-tree.ts'
import { registryText } from './grant-version.ts'
import type { Toolbox } from './toolbox.ts'

/** Holds `<version> <hash>` of the newest statement that this hub believed. */
const MEMORY = 'registry'

export interface RegistryTools {
  readonly pins: OperatorPins
  readonly crypto: SshCrypto
}

export interface OpenedRegistry {
  readonly registry: Registry
  readonly keys: RegistryKeys
  readonly operators: readonly Operator[]
}

/**
 * The registry of one tree of the branch, judged by the operators who are pinned here; without a file it is empty.
 *
 * @throws IfBoardError `registry/rolled-back`, `operator/pins-unreadable`
 */
export async function openRegistry(box: Toolbox, tree: ObjectId, tools: RegistryTools): Promise<OpenedRegistry> {
  const operators = await pinnedOperators(tools.pins)
  const registry = await registryIn(box, tree)
  const known = await recall(box)
  if (known !== undefined && isRolledBack(registry, known) && (await isRolledBackNow(box, known)))
    throw rolledBack(registry, known)
  const keys = keysAt(registry, operators, tools.crypto)
  if (keys.newest !== undefined && keys.newest.version > (known?.version ?? 0)) await remember(box, keys.newest)
  return { registry, keys, operators }
}

async function registryIn(box: Toolbox, tree: ObjectId): Promise<Registry> {
  const text = await registryText(box, tree)
  return text === undefined ? { entries: [], findings: [] } : parseRegistry(text, box)
}

/** A tree that was read before another process of this clone saw a newer statement lacks it, and nobody took it away. */
async function isRolledBackNow(box: Toolbox, known: RegistryMemory): Promise<boolean> {
  const head = (await box.refs.list()).get(box.layout.board)
  return head === undefined || isRolledBack(await registryIn(box, (await readCommit(box.objects, head)).tree), known)
}

/** @throws IfBoardError `operator/pins-unreadable` */
export async function pinnedOperators(pins: OperatorPins): Promise<readonly Operator[]> {
  const { operators, problems } = parseOperators(await pins.read())
  const [first] = problems
  if (first === undefined) return operators
  // A pin that is not understood may be the one that matters: no half of the file is believed.
  throw new IfBoardError('operator/pins-unreadable', `line ${first.line} of the pinned operators ${first.why}`, {
    place: { file: pins.path, line: first.line, column: 1 },
    hint: 'Write the line as NAME KEY-TYPE KEY, or put the file back from a copy',
  })
}

/** A person goes on from a branch that was rewound: what it holds now is the registry. */
export async function forgetRegistry(box: Toolbox): Promise<void> {
  await box.memory.remove(MEMORY)
}

async function recall(box: Toolbox): Promise<RegistryMemory | undefined> {
  const [version = '', hash = ''] = ((await box.memory.read(MEMORY)) ?? '').trim().split(' ')
  return /^[1-9]\d{0,8}$/.test(version) && hash !== '' ? { version: Number(version), hash } : undefined
}

export async function remember(box: Toolbox, { version, hash }: RegistryMemory): Promise<void> {
  await box.memory.write(MEMORY, `${version} ${hash}\n`)
}

function rolledBack({ entries }: Registry, { version, hash }: RegistryMemory): IfBoardError {
  const found = entries.length < version ? `it ends at version ${entries.length}` : 'something else stands there'
  return new IfBoardError(
    'registry/rolled-back',
    `the registry of keys does not hold statement ${version} (${printable(hash, 12)}) that this clone has seen: ${found}`,
    {
      hint: `Put ${REGISTRY_FILE} back as the branch had it: \`git log -p -- ${REGISTRY_FILE}\` in a checkout (if-board checkout) shows who changed it; a clone that still has it can push it again`,
    },
  )
}
