/**
 * May this session run this command for this task? The settings first, then what the session can do, then policies, then
 * which file the program is here. The first that refuses is the answer (docs/executor.md).
 */
import { type CommandDecision, decideCommand, openGrants, runsCode } from '../../executor/index.ts'
import type { Refusal } from '../../governor/index.ts'
import { type CommandGrant, type ExecutorLayer, printable, type SessionName } from '../../model/index.ts'
import type { CommandPins, ProgramPin } from '../../ports/index.ts'
import type { TaskView } from '../../projection/index.ts'
import { admissionFacts } from '../admission-facts.ts'
import { refusedByPolicy } from '../policy-gate.ts'
import type { Reading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'

const EXECUTE = 'system.process.execute'

export interface CommandQuestion {
  readonly session: SessionName
  /** Absent: for whoever tries a grammar without a task. */
  readonly view: TaskView | undefined
  readonly argv: readonly string[]
}

/** What may be run, and how. */
export interface JudgedCommand {
  readonly kind: 'allowed'
  readonly grant: CommandGrant
  readonly pin: ProgramPin
  readonly args: readonly string[]
  readonly paths: readonly string[]
  readonly demand: readonly ExecutorLayer[]
}

export async function judgeCommand(
  box: Toolbox,
  reading: Reading,
  { session, view, argv }: CommandQuestion,
  pins: CommandPins,
): Promise<JudgedCommand | Refusal> {
  const decision = decideCommand(openGrants(reading.config.commands ?? []), argv)
  if (decision.kind === 'denied') return byGrammar(decision)
  const { grant, args, paths } = decision
  const unable = withoutCapability(reading, session)
  if (unable !== undefined) return unable
  const facts = admissionFacts(box, reading, session)
  const forbidden = view && (await refusedByPolicy(box, reading, facts, { action: 'run', task: view.task }))
  if (forbidden !== undefined) return forbidden
  const pin = (await pins.read()).get(grant.name)
  if (pin?.program !== grant.program) return notPinned(grant)
  return { kind: 'allowed', grant, pin, args, paths, demand: demandOf(grant, pin) }
}

function refuse(rule: string, reason: string, hint: string): Refusal {
  return { kind: 'refuse', rule, reason, hint }
}

function byGrammar({ rule, reason }: Extract<CommandDecision, { kind: 'denied' }>): Refusal {
  return refuse(rule, reason, 'A person grants commands, and the words of each, in the settings: docs/executor.md')
}

function withoutCapability({ skillsOf }: Reading, session: SessionName): Refusal | undefined {
  const { has, notGranted } = skillsOf(session)
  if (has.has(EXECUTE)) return undefined
  const isUngranted = notGranted.includes(EXECUTE)
  const reason = isUngranted ? `no grant of ${session} says ${EXECUTE}` : `${session} does not have ${EXECUTE}`
  const hint = isUngranted
    ? `An operator grants it: if-board grant ${session} --can ${EXECUTE}`
    : `If it may: if-board join ${session} --can ${[...has]
        .filter((name) => !name.startsWith('model:'))
        .concat(EXECUTE)
        .join(',')}`
  return refuse('capability', reason, hint)
}

function notPinned({ name, program }: CommandGrant): Refusal {
  return refuse(
    'pin',
    `nobody has said which file \`${program}\` is on this machine`,
    `A person does: ${pinLine(name)}`,
  )
}

export function pinLine(name: string): string {
  return `if-board run --pin ${name}`
}

/** For what runs code there has to be a sandbox, or a person's word. */
function demandOf(grant: CommandGrant, { realPath }: ProgramPin): readonly ExecutorLayer[] {
  const file = realPath.split(/[\\/]/).at(-1)
  const needsSandbox = grant.code === 'sandboxed' && runsCode(grant, file)
  return [...new Set([...grant.demand, ...(needsSandbox ? (['bwrap'] as const) : [])])]
}

/** Of what the executor found, in the words of a refusal; `undefined`: it was started. */
export function layerRefusal(missing: readonly ExecutorLayer[], { name }: CommandGrant): Refusal {
  const hint = missing.includes('bwrap')
    ? 'Install bubblewrap, and see that it may make namespaces; or a person writes `code: trusted`: docs/executor.md'
    : 'Run it on a machine that has them: docs/executor.md'
  return refuse('layer', `${name} needs what cannot be had here: ${printable(missing.join(', '), 100)}`, hint)
}
