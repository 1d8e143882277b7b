/** Values that have the shape of the schema → `Config` with every default, and what the schema cannot say. */
import {
  type BreakerRules,
  type BudgetRules,
  type CapabilityRules,
  COMMAND_DEFAULTS,
  type CommandSettings,
  type Config,
  GOVERNOR_DEFAULTS,
  type GovernorConfig,
  type HelpRules,
  microUsdOf,
  type PolicyRules,
  printable,
  type SessionName,
  type SloRules,
} from '../../model/index.ts'
import { patternProblem } from '../match.ts'
import { toCap, type WrittenAmount } from './amount.ts'
import { commandFindings } from './command-findings.ts'
import { escalationFindings, toEscalation, type WrittenEscalation } from './escalation.ts'
import { type Finding, invalid } from './finding.ts'
import { parseHours } from './hours.ts'
import { jobFindings, toJobRules, type WrittenJobRules } from './job-rules.ts'
import { proxyFindings, toProxy, type WrittenAlias } from './proxy.ts'
import { pointerTo } from './tree.ts'

export const MAX_PAUSE_REASON = 500

type Named<T> = Readonly<Record<string, T>>

/** What the schema lets through. */
export interface Settings {
  readonly boards: readonly string[]
  readonly boardId: string
  readonly authority?: Config['authority']
  readonly refs?: Config['refs']
  readonly leaseMinutes?: number
  readonly fold?: { readonly every?: number | null }
  readonly fast?: { readonly endpoints?: readonly string[]; readonly escalate?: WrittenEscalation }
  readonly doneWhen?: Config['doneWhen']
  readonly baseBranch?: string
  readonly implicit?: 'phase'
  readonly maxTasks?: number
  readonly maxClaims?: number
  readonly doNotTouch?: readonly string[]
  readonly pausedSessions?: Named<string | null>
  readonly capabilities?: Partial<Omit<CapabilityRules, 'boards' | 'tasks' | 'aliases'>> & {
    readonly boards?: Named<number>
    readonly tasks?: Named<number>
    readonly aliases?: Named<string>
  }
  readonly commands?: Named<Pick<CommandSettings, 'grammar'> & Partial<Omit<CommandSettings, 'name' | 'grammar'>>>
  readonly proxy?: Named<WrittenAlias>
  readonly budget?: {
    readonly [Key in 'total' | 'day' | 'session' | 'task' | 'reserve']?: WrittenAmount
  } & { readonly boards?: Named<WrittenAmount>; readonly alerts?: readonly (number | WrittenAmount)[] }
  readonly breaker?: Partial<Omit<BreakerRules, 'microUsdPerHour'>> & { readonly usdPerHour?: number }
  readonly policy?: Partial<Omit<PolicyRules, 'hours' | 'sections'>> & {
    readonly hours?: string
    readonly sections?: Named<readonly string[]>
  }
  readonly checks?: WrittenJobRules
  readonly help?: Partial<HelpRules>
  readonly slo?: Partial<SloRules>
}

export function toConfig(settings: Settings): Config {
  const authority = settings.authority ?? 'remote'
  return {
    boards: settings.boards.map((pattern) => printable(pattern)),
    boardId: settings.boardId,
    authority,
    refs: settings.refs ?? 'custom',
    leaseMinutes: settings.leaseMinutes ?? 30,
    foldEverySeconds: settings.fold?.every ?? (authority === 'local' ? 5 : 30),
    doneWhen: settings.doneWhen ?? 'reported',
    baseBranch: settings.baseBranch,
    maxTasks: settings.maxTasks ?? 1,
    maxClaims: settings.maxClaims,
    pausedSessions: new Map(
      pairs(settings.pausedSessions).map(([name, reason]) => [
        name as SessionName,
        printable(reason ?? '', MAX_PAUSE_REASON),
      ]),
    ),
    doNotTouch: (settings.doNotTouch ?? []).map((text) => printable(text)),
    governor: toGovernor(settings),
    ...(settings.checks === undefined ? {} : { checks: toJobRules(settings.checks) }),
    ...toFast(settings.fast),
    ...(settings.commands === undefined ? {} : { commands: toCommands(settings.commands) }),
    ...(settings.proxy === undefined ? {} : { proxy: toProxy(settings.proxy) }),
    ...(settings.implicit === undefined ? {} : { implicit: settings.implicit }),
  }
}

function toFast({ endpoints, escalate }: NonNullable<Settings['fast']> = {}): Partial<Config> {
  const escalation = toEscalation(escalate)
  return {
    ...(endpoints === undefined ? {} : { fastEndpoints: endpoints }),
    ...(escalation === undefined ? {} : { escalation }),
  }
}

function toGovernor({
  capabilities = {},
  budget = {},
  breaker = {},
  policy = {},
  help,
  slo,
}: Settings): GovernorConfig {
  const defaults = GOVERNOR_DEFAULTS
  const { usdPerHour, ...breakerRules } = breaker
  const { hours, sections, ...policyRules } = policy
  const open = hours === undefined ? undefined : parseHours(hours)
  return {
    capabilities: {
      ...defaults.capabilities,
      ...capabilities,
      boards: pairs(capabilities.boards),
      tasks: pairs(capabilities.tasks),
      aliases: pairs(capabilities.aliases),
    },
    budget: toBudget(budget),
    breaker: {
      ...defaults.breaker,
      ...breakerRules,
      ...(usdPerHour === undefined ? {} : { microUsdPerHour: microUsdOf(usdPerHour) }),
    },
    policy: {
      ...defaults.policy,
      ...policyRules,
      sections: pairs(sections),
      ...(typeof open === 'object' ? { hours: open } : {}),
    },
    help: { ...defaults.help, ...help },
    slo: { ...defaults.slo, ...slo },
  }
}

function toCommands(commands: NonNullable<Settings['commands']>): CommandSettings[] {
  return pairs(commands).map(([name, written]) => ({ name, ...COMMAND_DEFAULTS, ...written }))
}

function toBudget(written: NonNullable<Settings['budget']>): BudgetRules {
  const { reserve, alerts } = GOVERNOR_DEFAULTS.budget
  const cap = (amount: WrittenAmount | undefined) => (amount === undefined ? {} : toCap(amount))
  return {
    total: cap(written.total),
    day: cap(written.day),
    session: cap(written.session),
    task: cap(written.task),
    boards: pairs(written.boards).map(([board, amount]) => [board, toCap(amount)]),
    reserve: { ...reserve, ...cap(written.reserve) },
    ...toAlerts(written.alerts ?? alerts),
  }
}

/** Numbers are per cent of any cap; sums without any per cent beside them leave the usual ones. */
function toAlerts(written: readonly (number | WrittenAmount)[]): Pick<BudgetRules, 'alerts' | 'alertSums'> {
  const parts = written.filter((one) => typeof one === 'number')
  const sums = written.filter((one) => typeof one !== 'number')
  const given = parts.length === 0 && sums.length > 0 ? GOVERNOR_DEFAULTS.budget.alerts : parts
  return { alerts: [...new Set(given)].sort((a, b) => a - b), alertSums: sums.map(toCap) }
}

function pairs<T>(named: Named<T> | undefined): (readonly [string, T])[] {
  return Object.entries(named ?? {})
}

/** What no schema can say: patterns, time zones, aliases that lead in a circle, a grammar for no program. */
export function checkMeaning({
  boards,
  policy,
  capabilities,
  checks,
  commands = {},
  proxy,
  fast,
}: Settings): Finding[] {
  const hours = policy?.hours === undefined ? undefined : parseHours(policy.hours)
  return [
    ...patternFindings('/boards', boards),
    ...patternFindings('/policy/forbiddenPaths', policy?.forbiddenPaths ?? []),
    ...(typeof hours === 'string' ? [invalid('/policy/hours', `\`policy.hours\`: ${hours}`)] : []),
    ...aliasFindings(capabilities?.aliases ?? {}),
    ...jobFindings(checks ?? {}),
    ...pairs(commands).flatMap(([name, command]) => commandFindings(name, command)),
    ...proxyFindings(proxy ?? {}),
    ...escalationFindings(fast?.escalate),
  ]
}

function patternFindings(list: string, patterns: readonly string[]): Finding[] {
  return patterns.flatMap((pattern, at) => {
    const problem = patternProblem(pattern)
    return problem === undefined ? [] : [invalid(pointerTo(list, at), `\`${printable(pattern, 60)}\`: ${problem}`)]
  })
}

/** An alias of an alias is followed; one that comes back to itself names nothing. O(aliases). */
function aliasFindings(aliases: Named<string>): Finding[] {
  const known = new Map(Object.entries(aliases))
  const settled = new Set<string>()
  return [...known.keys()].flatMap((alias) => {
    const path = new Set<string>()
    let at: string | undefined = alias
    while (at !== undefined && known.has(at) && !settled.has(at) && !path.has(at)) {
      path.add(at)
      at = known.get(at)
    }
    const isCircle = at !== undefined && path.has(at)
    for (const seen of path) settled.add(seen)
    if (!isCircle) return []
    const circle = [...path, at].map((name) => `\`${printable(name ?? '', 40)}\``).slice(-6)
    return [
      invalid(pointerTo('/capabilities/aliases', alias), `aliases lead in a circle: ${circle.join(' → ')}`, 'key'),
    ]
  })
}
