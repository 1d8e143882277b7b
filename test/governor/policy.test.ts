import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  approval,
  forbiddenPaths,
  hours,
  type PolicyFacts,
  policyVerdicts,
  type Refusal,
  section,
  sessionsPerTask,
} from '../../src/governor/index.ts'
import {
  type ChangedPaths,
  type EpochMs,
  GOVERNOR_DEFAULTS,
  type PolicyRules,
  type SessionName,
  type Task,
  type TaskAccount,
} from '../../src/model/index.ts'
import { PLAIN_CONFIG } from '../../src/workflows/parse-files.ts'

const ada = 'ada' as SessionName
const ben = 'ben' as SessionName
const none = GOVERNOR_DEFAULTS.policy
const seed = Number(process.env.IF_BOARD_SEED ?? 20_261_126)

function rules(some: Partial<PolicyRules>): PolicyRules {
  return { ...none, ...some }
}

interface More {
  readonly session?: SessionName
  readonly account?: TaskAccount
  readonly now?: EpochMs
}

function about(some: Partial<PolicyRules>, { session = ada, account, now = 0 }: More = {}): PolicyFacts {
  const config = { ...PLAIN_CONFIG, governor: { ...GOVERNOR_DEFAULTS, policy: rules(some) } }
  const ledger = { sessions: [], boards: [] }
  const counted = {
    ledger,
    taskAccount: () => account,
    reserved: [],
    isWhole: true,
    breakers: new Map(),
    quarantined: new Map(),
  }
  return { config, session, now, accounts: { ...counted, today: '1970-01-01' } }
}

const task = { id: 'P0.1', key: 'b.md:P0.1', section: 'Billing (Bug #1)' } as Task

function admitTask(facts: PolicyFacts): Refusal | undefined {
  return [section, approval, sessionsPerTask].map((rule) => rule(facts, task)).find((refusal) => refusal !== undefined)
}

function admitHours(some: Partial<PolicyRules>, now: EpochMs): Refusal | undefined {
  return hours(about(some, { now }))
}

function admitPaths(some: PolicyRules, changed: ChangedPaths): Refusal | undefined {
  return forbiddenPaths(some, changed)
}

function ruleOf(refusal: Refusal | undefined): string {
  return refusal?.rule ?? 'allow'
}

test('without rules everything is allowed', () => {
  assert.is(ruleOf(admitTask(about({}))), 'allow')
  assert.is(ruleOf(admitHours(none, 0)), 'allow')
  assert.is(ruleOf(admitPaths(none, { kind: 'unknown', reason: 'no commit' })), 'allow')
})

test('a section is for the sessions that are named for it', () => {
  const sections: PolicyRules['sections'] = [['billing', ['ben']]]
  assert.is(ruleOf(admitTask(about({ sections }))), 'section')
  assert.is(ruleOf(admitTask(about({ sections }, { session: ben }))), 'allow')
})

test('a section that is named for nobody is nobody’s, and other sections are everybody’s', () => {
  assert.is(ruleOf(admitTask(about({ sections: [['Billing', []]] }))), 'section')
  assert.is(ruleOf(admitTask(about({ sections: [['Search', []]] }))), 'allow')
})

test('of two names that fit one section, both must allow', () => {
  const sections: PolicyRules['sections'] = [
    ['Billing', ['ada']],
    ['Bug', ['ben']],
  ]
  assert.is(ruleOf(admitTask(about({ sections }))), 'section')
})

test('a task that needs approval is refused until its id or its key is approved', () => {
  const refused = admitTask(about({ approval: ['P0.1'] }))
  assert.is(ruleOf(refused), 'approval')
  assert.match(refused?.hint ?? '', /if-board policy approve P0\.1/)
  assert.is(ruleOf(admitTask(about({ approval: ['P0.1'], approved: ['b.md:P0.1'] }))), 'allow')
  assert.is(ruleOf(admitTask(about({ approval: ['b.md:P0.1'], approved: ['P0.1'] }))), 'allow')
  assert.is(ruleOf(admitTask(about({ approval: ['P0.1'], approved: ['other.md:P0.1', 'P0.10'] }))), 'approval')
})

test('one session more than may try a task is refused, one of those who tried is not', () => {
  const account = { spent: { microUsd: 0, tokens: 0 }, tried: [ben], failed: [] }
  assert.is(ruleOf(admitTask(about({ sessionsPerTask: 1 }, { account }))), 'sessions-per-task')
  assert.is(ruleOf(admitTask(about({ sessionsPerTask: 1 }, { account, session: ben }))), 'allow')
  assert.is(ruleOf(admitTask(about({ sessionsPerTask: 2 }, { account }))), 'allow')
  assert.is(ruleOf(admitTask(about({ sessionsPerTask: 1 }))), 'allow')
})

test('every rule is told, also those behind one that refuses', () => {
  const told = policyVerdicts(about({ sections: [['Billing', []]], approval: ['P0.1'] }), task)
  assert.equal(
    told.map(({ rule, refusal }) => `${rule} ${refusal === undefined ? 'allows' : 'refuses'}`),
    ['hours allows', 'section refuses', 'approval refuses', 'sessions-per-task allows'],
  )
})

const at = (iso: string) => Date.parse(iso)
const week = [1, 2, 3, 4, 5, 6, 7]
const office = rules({ hours: { from: 480, to: 1200, zone: 'Europe/Berlin', days: [1, 2, 3, 4, 5] } })

test('hours go by the wall clock of their zone, the end excluded', () => {
  assert.is(ruleOf(admitHours(office, at('2026-11-26T06:59:59Z'))), 'hours')
  assert.is(ruleOf(admitHours(office, at('2026-11-26T07:00:00Z'))), 'allow')
  assert.is(ruleOf(admitHours(office, at('2026-11-26T18:59:59Z'))), 'allow')
  assert.is(ruleOf(admitHours(office, at('2026-11-26T19:00:00Z'))), 'hours')
})

test('in summer they begin an hour earlier by UTC, from the night of the change', () => {
  assert.is(ruleOf(admitHours(office, at('2026-03-27T06:30:00Z'))), 'hours') // Friday before the change
  assert.is(ruleOf(admitHours(office, at('2026-03-30T06:30:00Z'))), 'allow') // Monday after it
  assert.is(ruleOf(admitHours(office, at('2026-10-23T06:30:00Z'))), 'allow')
  assert.is(ruleOf(admitHours(office, at('2026-10-26T06:30:00Z'))), 'hours')
})

test('an hour that the change leaves out never comes, and one that comes twice holds twice', () => {
  const night = rules({ hours: { from: 120, to: 180, zone: 'Europe/Berlin', days: week } })
  const minutes = (day: string) =>
    Array.from({ length: 24 * 60 }, (_, minute) => at(`${day}T00:00:00Z`) + minute * 60_000).filter(
      (now) => admitHours(night, now) === undefined,
    ).length
  assert.is(minutes('2026-03-29'), 0)
  assert.is(minutes('2026-10-25'), 120)
  assert.is(minutes('2026-11-26'), 60)
})

test('a day is a day of the zone', () => {
  assert.is(ruleOf(admitHours(office, at('2026-11-28T12:00:00Z'))), 'hours') // Saturday
  const auckland = rules({ hours: { from: 0, to: 1440, zone: 'Pacific/Auckland', days: [6] } })
  assert.is(ruleOf(admitHours(auckland, at('2026-11-27T12:00:00Z'))), 'allow') // Saturday there
})

test('hours over midnight belong to the day on which they begin', () => {
  const friday = rules({ hours: { from: 1320, to: 360, zone: 'UTC', days: [5] } })
  assert.is(ruleOf(admitHours(friday, at('2026-11-27T05:00:00Z'))), 'hours') // Friday morning: Thursday’s night
  assert.is(ruleOf(admitHours(friday, at('2026-11-27T23:00:00Z'))), 'allow')
  assert.is(ruleOf(admitHours(friday, at('2026-11-28T05:59:00Z'))), 'allow')
  assert.is(ruleOf(admitHours(friday, at('2026-11-28T06:00:00Z'))), 'hours')
})

test('a clock that says nothing, and a zone that this machine lacks, are outside of all hours', () => {
  for (const now of [Number.NaN, Number.POSITIVE_INFINITY, 9e15]) assert.is(ruleOf(admitHours(office, now)), 'hours')
  const mars = rules({ hours: { from: 0, to: 1440, zone: 'Mars/Base', days: week } })
  assert.is(ruleOf(admitHours(mars, 0)), 'hours')
})

test('at any time exactly one half of a day is open', () => {
  fc.assert(
    fc.property(fc.integer({ min: -4e15, max: 4e15 }), fc.integer({ min: 0, max: 1439 }), (now, from) => {
      const half = (start: number) =>
        ruleOf(admitHours({ hours: { from: start, to: (start + 720) % 1440, zone: 'UTC', days: week } }, now))
      assert.is.not(half(from), half((from + 720) % 1440))
    }),
    { seed },
  )
})

const forbidding = rules({ forbiddenPaths: ['secrets/**', '**/*.pem'] })

test('a commit that changes a forbidden path is refused, and the path is named', () => {
  const refusal = admitPaths(forbidding, { kind: 'known', paths: ['src/a.ts', 'secrets/deep/key', 'x/y.pem'] })
  assert.is(ruleOf(refusal), 'forbidden-paths')
  assert.match(refusal?.reason ?? '', /`secrets\/deep\/key`, `x\/y\.pem`/)
  assert.is(ruleOf(admitPaths(forbidding, { kind: 'known', paths: ['src/secrets.ts', 'pem'] })), 'allow')
})

test('another case, or another form of an accent, is the same path', () => {
  assert.is(ruleOf(admitPaths(forbidding, { kind: 'known', paths: ['SECRETS/key'] })), 'forbidden-paths')
  const accent = rules({ forbiddenPaths: ['caf\u00e9/**'] })
  assert.is(ruleOf(admitPaths(accent, { kind: 'known', paths: ['cafe\u0301/x'] })), 'forbidden-paths')
})

test('what cannot be told is refused, with what to type', () => {
  const refusal = admitPaths(forbidding, { kind: 'unknown', reason: 'no commit was named' })
  assert.is(ruleOf(refusal), 'forbidden-paths')
  assert.match(refusal?.reason ?? '', /no commit was named/)
  assert.match(refusal?.hint ?? '', /--evidence COMMIT/)
})

test.run()
