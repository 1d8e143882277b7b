/** `Config` → the text of `.if-board/config.yml`. */
import { stringify } from 'yaml'
import {
  COMMAND_DEFAULTS,
  type CommandSettings,
  type Config,
  GOVERNOR_DEFAULTS,
  type GovernorConfig,
} from '../../model/index.ts'
import { toUsd, writeCap } from './amount.ts'
import { writeEscalation } from './escalation.ts'
import { writeHours } from './hours.ts'
import { writeJobRules } from './job-rules.ts'
import { writeProxy } from './proxy.ts'

/** The file that `init` writes; `parseConfig` reads it back to an equal configuration. */
export function renderConfig(config: Config): string {
  const lines = [
    '# What if-board reads on this branch, and how. People may edit it.',
    `boards: ${list(config.boards)}`,
    '# Names this board for good; never change it.',
    `boardId: ${quote(config.boardId)}`,
    '# Where claims are decided: remote, or local for one machine.',
    `authority: ${config.authority}`,
    ...(config.refs === 'heads' ? ['# The server refuses refs outside heads and tags.', 'refs: heads'] : []),
    '# Shortest lease of a claim, in minutes.',
    `leaseMinutes: ${config.leaseMinutes}`,
    '# Seconds after which a completion is written into the board.',
    `fold: {every: ${config.foldEverySeconds}}`,
    '# reported: the session’s word settles a task; merged: its commit must reach baseBranch.',
    `doneWhen: ${config.doneWhen}`,
    ...(config.baseBranch === undefined ? [] : [`baseBranch: ${quote(config.baseBranch)}`]),
    ...(config.implicit === undefined
      ? []
      : ['# Tasks of a phase wait for those of the phase before.', `implicit: ${config.implicit}`]),
    '# Claims that one session may hold at once.',
    `maxTasks: ${config.maxTasks}`,
    ...(config.maxClaims === undefined
      ? []
      : ['# Claims that may live at once over all sessions.', `maxClaims: ${config.maxClaims}`]),
    ...(config.doNotTouch.length === 0
      ? []
      : ['# What sessions are told to leave alone.', `doNotTouch: ${list(config.doNotTouch)}`]),
    ...fastLines(config),
    ...commandLines(config.commands ?? []),
    ...(config.proxy === undefined
      ? []
      : [
          '# Services behind the proxy: docs/proxy.md of if-board. Never a secret here.',
          stringify({ proxy: writeProxy(config.proxy) }, { lineWidth: 0 }).trimEnd(),
        ]),
    ...(config.pausedSessions.size === 0
      ? []
      : [
          'pausedSessions:',
          ...[...config.pausedSessions].map(([name, reason]) => `  ${quote(name)}: ${quote(reason)}`),
        ]),
    ...(config.checks === undefined
      ? []
      : [
          '# Checks and bodies of tasks: docs/checks.md of if-board.',
          stringify({ checks: writeJobRules(config.checks) }, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd(),
        ]),
    ...governorLines(config.governor),
  ]
  return `${lines.join('\n')}\n`
}

function list(values: readonly string[]): string {
  return `[${values.map(quote).join(', ')}]`
}

/** A double-quoted scalar (YAML 1.2, 7.3.1), which JSON strings are. */
function quote(text: string): string {
  return JSON.stringify(text)
}

function fastLines({ fastEndpoints, escalation }: Config): string[] {
  if (fastEndpoints === undefined && escalation === undefined) return []
  const escalate = escalation && JSON.stringify(writeEscalation(escalation))
  const entries = [
    ...(fastEndpoints === undefined ? [] : [`endpoints: ${list(fastEndpoints)}`]),
    ...(escalate === undefined ? [] : [`escalate: ${escalate}`]),
  ]
  return ['# The fast path: docs/operations.md of if-board.', `fast: {${entries.join(', ')}}`]
}

function commandLines(commands: readonly CommandSettings[]): string[] {
  if (commands.length === 0) return []
  const written = commands.map(({ name, ...command }) => [name, changed(command, COMMAND_DEFAULTS)])
  const text = stringify({ commands: Object.fromEntries(written) }, { lineWidth: 0 })
  return ['# Commands that sessions may run: docs/executor.md of if-board.', text.trimEnd()]
}

/** What a person may want to set, as comments where it is not set. */
const EXAMPLES: Partial<Readonly<Record<keyof GovernorConfig, string>>> = {
  budget: '# budget: {day: $50, session: $100, task: $20}',
  breaker: '# breaker: {consecutive: 3, coolDownMinutes: 15, usdPerHour: 20}',
  policy: '# policy: {hours: "08:00-20:00 Europe/Berlin mon-fri", approval: [P0.1], forbiddenPaths: ["secrets/**"]}',
}

function governorLines(governor: GovernorConfig): string[] {
  const keys = Object.keys(GOVERNOR_DEFAULTS) as (keyof GovernorConfig)[]
  const written = asWritten(governor)
  const examples = keys.flatMap((key) => (written[key] === undefined ? (EXAMPLES[key] ?? []) : []))
  const set = Object.fromEntries(keys.flatMap((key) => (written[key] === undefined ? [] : [[key, written[key]]])))
  return [
    ...(examples.length === 0 ? [] : ['# Limits, and who may do what: docs/policy.md of if-board.', ...examples]),
    ...(Object.keys(set).length === 0 ? [] : [stringify(set, { lineWidth: 0 }).trimEnd()]),
  ]
}

type Written = { readonly [Key in keyof GovernorConfig]: object | undefined }

/** As settings write it, without what is the default. */
function asWritten({ capabilities, budget, breaker, policy, help, slo }: GovernorConfig): Written {
  const { microUsdPerHour, ...breakerRules } = breaker
  const { hours, ...policyRules } = policy
  const caps = { total: budget.total, day: budget.day, session: budget.session, task: budget.task }
  return {
    capabilities: changed(named(capabilities, ['boards', 'tasks', 'aliases']), GOVERNOR_DEFAULTS.capabilities),
    budget: changed(
      {
        ...Object.fromEntries(Object.entries(caps).map(([key, cap]) => [key, writeCap(cap)])),
        boards: Object.fromEntries(budget.boards.map(([board, cap]) => [board, writeCap(cap)])),
        reserve: writeCap(budget.reserve),
        alerts: [...budget.alerts, ...budget.alertSums.map(writeCap)],
      },
      { reserve: writeCap(GOVERNOR_DEFAULTS.budget.reserve), alerts: GOVERNOR_DEFAULTS.budget.alerts },
    ),
    breaker: changed(
      { ...breakerRules, ...(microUsdPerHour === undefined ? {} : { usdPerHour: toUsd(microUsdPerHour) }) },
      GOVERNOR_DEFAULTS.breaker,
    ),
    policy: changed(
      { ...(hours === undefined ? {} : { hours: writeHours(hours) }), ...named(policyRules, ['sections']) },
      GOVERNOR_DEFAULTS.policy,
    ),
    help: changed(help, GOVERNOR_DEFAULTS.help),
    slo: changed(slo, GOVERNOR_DEFAULTS.slo),
  }
}

/** With these lists of pairs as maps. */
function named(rules: object, keys: readonly string[]): object {
  return Object.fromEntries(
    Object.entries(rules).map(([key, value]) => [key, keys.includes(key) ? Object.fromEntries(value) : value]),
  )
}

function changed(rules: object, defaults: object): object | undefined {
  const known = new Map(Object.entries(defaults))
  const kept = Object.entries(rules).filter(([key, value]) => !isEmpty(value) && !isSame(value, known.get(key)))
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
