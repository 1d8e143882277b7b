/** `checks:` of the settings ↔ the rules' own form. */
import { type JobRule, type JobRules, printable, type RunLayer, type RunLimits } from '../../model/index.ts'
import { inputProblem, parseJob } from '../../model/job.ts'
import { pathProblem } from '../../model/safe-path.ts'
import { type Finding, invalid } from './finding.ts'
import { pointerTo } from './tree.ts'

export interface WrittenLimits {
  readonly memoryMiB?: number
  readonly fuel?: number
  readonly seconds?: number
  readonly outputKiB?: number
  readonly files?: number
  readonly moduleMiB?: number
}

export interface WrittenJobRule extends Omit<JobRule, 'limits' | 'demand'> {
  readonly limits?: WrittenLimits
  readonly demand?: readonly RunLayer[]
}

export interface WrittenJobRules {
  readonly limits?: WrittenLimits
  readonly demand?: readonly RunLayer[]
  readonly deliverables?: JobRules['deliverables']
  readonly tasks?: readonly WrittenJobRule[]
}

/** How people write a limit, what it is here, and how many of ours theirs is. */
const UNITS: readonly (readonly [keyof WrittenLimits, keyof RunLimits, number])[] = [
  ['memoryMiB', 'memoryBytes', 2 ** 20],
  ['fuel', 'fuel', 1],
  ['seconds', 'deadlineMs', 1000],
  ['outputKiB', 'outputBytes', 1024],
  ['files', 'files', 1],
  ['moduleMiB', 'moduleBytes', 2 ** 20],
]

export function toJobRules({ limits, demand, deliverables, tasks }: WrittenJobRules): JobRules {
  return {
    limits: toLimits(limits),
    demand: demand ?? [],
    deliverables: deliverables ?? 'checked',
    tasks: (tasks ?? []).map((rule) => ({ ...rule, limits: toLimits(rule.limits), demand: rule.demand ?? [] })),
  }
}

function toLimits(written: WrittenLimits = {}): Partial<RunLimits> {
  const known = UNITS.flatMap(([theirs, ours, factor]) => {
    const value = written[theirs]
    return value === undefined ? [] : [[ours, Math.max(1, Math.round(value * factor))] as const]
  })
  return Object.fromEntries(known)
}

/** As settings write it, without what is the default. */
export function writeJobRules({ limits, demand, deliverables, tasks }: JobRules): WrittenJobRules {
  return {
    ...bounds({ limits, demand }),
    ...(deliverables === 'checked' ? {} : { deliverables }),
    ...(tasks.length === 0
      ? {}
      : {
          tasks: tasks.map(({ limits: own, demand: layers, ...rule }) => ({
            ...rule,
            ...bounds({ limits: own, demand: layers }),
          })),
        }),
  }
}

function bounds({ limits, demand }: Pick<JobRule, 'limits' | 'demand'>): Pick<WrittenJobRule, 'limits' | 'demand'> {
  const written = UNITS.flatMap(([theirs, ours, factor]) => {
    const value = limits[ours]
    return value === undefined ? [] : [[theirs, value / factor] as const]
  })
  return {
    ...(written.length === 0 ? {} : { limits: Object.fromEntries(written) }),
    ...(demand.length === 0 ? {} : { demand }),
  }
}

/** What no schema can say: jobs that name nothing, and paths that lead elsewhere. */
export function jobFindings({ tasks = [] }: WrittenJobRules): Finding[] {
  return tasks.flatMap((rule, at) => {
    const place = pointerTo('/checks/tasks', at)
    const jobs = (['check', 'run'] as const).flatMap((field) => {
      const parsed = rule[field] === undefined ? undefined : parseJob(rule[field])
      return parsed?.kind === 'malformed' ? [wrong(pointerTo(place, field), rule[field] ?? '', parsed.reason)] : []
    })
    return [
      ...jobs,
      ...(rule.http === undefined ? [] : httpFindings(place, rule)),
      ...pathFindings(pointerTo(place, 'inputs'), rule.inputs ?? [], inputProblem),
      ...pathFindings(pointerTo(place, 'outputs'), rule.outputs ?? [], pathProblem),
    ]
  })
}

/** A command gets its proxy by its own settings. */
function httpFindings(place: string, rule: WrittenJobRule): Finding[] {
  const isCommand = [rule.check, rule.run].some((text) => text !== undefined && parseJob(text).kind === 'command')
  return isCommand ? [invalid(pointerTo(place, 'http'), 'a command has no `http`: docs/executor.md', 'key')] : []
}

function pathFindings(list: string, paths: readonly string[], problemOf: typeof pathProblem): Finding[] {
  return paths.flatMap((path, at) => {
    const problem = problemOf(path)
    return problem === undefined ? [] : [wrong(pointerTo(list, at), path, problem)]
  })
}

function wrong(pointer: string, text: string, problem: string): Finding {
  return invalid(pointer, `\`${printable(text, 60)}\`: ${problem}`)
}
